// Results of stages under names: the first writer wins, as long as its output is whole.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { type StageResult, stageResultSchema } from '@stillwatt/contracts';
import { canonicalJson, digestOf } from '../../canonical.ts';
import { hexOf, invalid } from '../../errors.ts';
import { placeOnce, writeTemporary } from './files.ts';
import type { Manifests } from './manifests.ts';
import { codeOf } from './storage-errors.ts';

export interface Results {
  put(name: string, result: StageResult): Promise<StageResult>;
  get(name: string): Promise<StageResult | null>;
}

export function createResults(
  folder: string,
  temporary: string,
  { isWhole }: Pick<Manifests, 'isWhole'>,
): Results {
  // a name may hold slashes: its hash is the file's name
  const fileOf = (name: string) => path.join(folder, `${hexOf(digestOf(name))}.json`);

  async function get(name: string): Promise<StageResult | null> {
    const text = await readFile(fileOf(name), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return null;
    const result = parse(text);
    if (result && (await isWhole(result.output.digest))) return result;
    await rm(fileOf(name), { force: true }); // what is made instead shall count
    return null;
  }

  return {
    get,
    async put(name, result) {
      const parsed = stageResultSchema.safeParse(result);
      if (!parsed.success) throw invalid(`not a stage result: ${parsed.error.message}`, 'result');
      const body = canonicalJson(parsed.data);
      const text = canonicalJson({ name, digest: digestOf(body), result: parsed.data });
      for (;;) {
        const { file } = await writeTemporary(temporary, new TextEncoder().encode(text));
        if (await placeOnce(file, fileOf(name))) return parsed.data;
        const first = await get(name);
        if (first) return first;
      }
    },
  };
}

/** Null for a text that is damaged, or of a version that wrote other results. */
function parse(text: string): StageResult | null {
  let stored: { digest?: unknown; result?: unknown };
  try {
    stored = JSON.parse(text) as typeof stored;
  } catch {
    return null;
  }
  if (stored.digest !== digestOf(canonicalJson(stored.result))) return null;
  return stageResultSchema.safeParse(stored.result).data ?? null;
}
