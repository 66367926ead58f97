// Rows of tab-separated files, with their line numbers in every error.
import { StillwattError } from '@stillwatt/contracts';

export interface Row {
  readonly columns: readonly string[];
  /** `file:line` */
  readonly path: string;
}

/** UTF-8 text of a file; a byte-order mark is dropped. */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StillwattError('DATA_INVALID', 'the file is not UTF-8', {
      path: file,
      fix: 'Convert it to UTF-8.',
      cause,
    });
  }
}

/** Lines without their ends; the last may be unfinished or empty. */
export function readLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Splits each line on TAB alone: GLUE's files hold unbalanced quotes. `skip` lines of header are left out. */
export function readRows(text: string, file: string, width: number, skip = 0): Row[] {
  return readLines(text)
    .slice(skip)
    .map((line, index) => {
      const columns = line.split('\t');
      const path = `${file}:${index + 1 + skip}`;
      if (columns.length !== width) {
        throw invalidRow(`${columns.length} columns where ${width} are expected`, path);
      }
      return { columns, path };
    });
}

export function invalidRow(message: string, path: string): StillwattError {
  return new StillwattError('DATA_INVALID', `${path}: ${message}`, {
    path,
    fix: 'Correct this row, or leave it out.',
  });
}
