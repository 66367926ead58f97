// Cursors of lists: the sort key of the last row, opaque to callers.
import { StillwattError } from '@stillwatt/contracts';

/** `list` names the list and its order, so that a cursor of another one is refused. */
export function writeCursor(list: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/** The key that `writeCursor` was given. Throws INPUT_INVALID for anything else. */
export function readCursor(list: string, length: number, cursor: string): (string | number)[] {
  const parts = decode(cursor);
  const [name, ...key] = parts;
  const isKey = key.every((part) => typeof part === 'string' || typeof part === 'number');
  if (name !== list || key.length !== length || !isKey) {
    throw new StillwattError('INPUT_INVALID', 'the cursor does not belong to this list', {
      fix: 'use nextCursor of the same list with the same order, or none for the first page',
      path: 'cursor',
    });
  }
  return key;
}

function decode(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** One row more than asked for tells that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => string,
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items: page.map(toItem), nextCursor: hasMore ? toCursor(last) : null };
}
