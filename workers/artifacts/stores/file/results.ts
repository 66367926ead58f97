// Results of stages under names: written once, the first writer wins.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type StageResult, stageResultSchema } from '@stillwatt/contracts';
import { canonicalJson, digestOf } from '../../canonical.ts';
import { corrupt, hexOf, invalid } from '../../errors.ts';
import { placeOnce, writeTemporary } from './files.ts';
import { codeOf } from './storage-errors.ts';

export interface Results {
  put(name: string, result: StageResult): Promise<StageResult>;
  get(name: string): Promise<StageResult | null>;
}

export function createResults(folder: string, temporary: string): Results {
  // a name may hold slashes: its hash is the file's name
  const fileOf = (name: string) => path.join(folder, `${hexOf(digestOf(name))}.json`);

  async function get(name: string): Promise<StageResult | null> {
    const text = await readFile(fileOf(name), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    return text === null ? null : parse(name, text);
  }

  return {
    get,
    async put(name, result) {
      const parsed = stageResultSchema.safeParse(result);
      if (!parsed.success) throw invalid(`not a stage result: ${parsed.error.message}`, 'result');
      const body = canonicalJson(parsed.data);
      const text = canonicalJson({ name, digest: digestOf(body), result: parsed.data });
      const { file } = await writeTemporary(temporary, new TextEncoder().encode(text));
      if (await placeOnce(file, fileOf(name))) return parsed.data;
      return (await get(name)) ?? parsed.data;
    },
  };
}

function parse(name: string, text: string): StageResult {
  const what = `the result ${JSON.stringify(name)}`;
  let value: { digest?: unknown; result?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw corrupt(what, 'it is no JSON');
  }
  if (value.digest !== digestOf(canonicalJson(value.result)))
    throw corrupt(what, 'its text changed');
  return stageResultSchema.parse(value.result);
}
