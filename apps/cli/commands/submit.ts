// `stillwatt submit`: launches an experiment file.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { StillwattError } from '@stillwatt/contracts';
import type { Api } from '@stillwatt/local';
import { projectOf, type Target } from '../connect.ts';
import type { Answer } from '../io.ts';

export interface Submitted {
  target: Target;
  answer: Answer;
}

/** @param file path of the YAML, from `folder` on, or `-` for standard input */
export async function submit(api: Api, file: string, folder: string): Promise<Submitted> {
  const spec = await readSpec(file, folder);
  const launched = await api.call('specs.launch', { projectId: await projectOf(api), spec });
  const { runId, sweepId, url } = launched;
  const target = sweepId === null ? { runId: runId ?? '' } : { sweepId };
  const id = sweepId ?? runId ?? '';
  return {
    target,
    answer: {
      json: launched,
      text: `Launched ${id}\n  ${url}\n  stillwatt watch ${id}`,
    },
  };
}

async function readSpec(file: string, folder: string): Promise<string> {
  try {
    return file === '-'
      ? await text(process.stdin)
      : await readFile(path.resolve(folder, file), 'utf8');
  } catch (cause) {
    throw new StillwattError('INPUT_INVALID', `${file} cannot be read`, {
      fix: 'name an experiment file, or - for standard input',
      cause,
    });
  }
}
