// Every task by its name in the spec.
import { StillwattError } from '@stillwatt/contracts';
import type { Dataset } from '../data/dataset.ts';
import { type CustomSchema, parseCustom } from './custom.ts';
import { parseMovieSnippets, snippetsFile } from './movie-snippets.ts';
import { parseSst2 } from './sst2.ts';
import { takeFile } from './take-file.ts';

export interface TaskInput {
  readonly task: 'movie-snippets' | 'sst2' | 'custom';
  /** Only, and always, for `custom`. */
  readonly schema?: CustomSchema | undefined;
  /** Files of the source by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Parses and checks the files of a task. DATA_INVALID with file and row, SOURCE_MISSING for a file. */
export function parseTask({ task, schema, files }: TaskInput): Dataset {
  if (task === 'movie-snippets') return parseMovieSnippets(takeFile(files, snippetsFile));
  if (task === 'sst2') return parseSst2(files);
  if (schema) return parseCustom(files, schema);
  throw new StillwattError('SPEC_INVALID', 'task custom needs a schema', {
    path: 'data.schema',
    fix: 'Name the columns and labels in data.schema.',
  });
}
