// Cursors of lists.
import { describe, expect, it } from 'vitest';
import { readCursor, toPage, writeCursor } from './cursor.ts';

describe('cursors', () => {
  it('come back as they were', () => {
    const key = ['2026-11-24T12:00:00.123Z', 0.1 + 0.2, 'run_ä'];
    expect(readCursor('rca', 3, writeCursor('rca', key))).toEqual(key);
  });

  it('fit into the API: the longest experiment name', () => {
    const key = ['x'.repeat(80), '2026-11-24T12:00:00.123Z', 'run_0123456789ab'];
    expect(writeCursor('red', key).length).toBeLessThanOrEqual(200);
  });

  it.each([
    '',
    'x',
    '%%%',
    writeCursor('rcd', ['a', 'b']),
    writeCursor('rca', ['a']),
    Buffer.from('["rca",null,{}]').toString('base64url'),
    Buffer.from('{"length":3}').toString('base64url'),
  ])('of another list or of nobody are refused: %j', (cursor) => {
    expect(() => readCursor('rca', 2, cursor)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', path: 'cursor' }),
    );
  });

  it('are there only if there is a next page', () => {
    const page = (rows: number[]) => toPage(rows, 2, String, (row) => `after ${row}`);
    expect(page([1, 2, 3])).toEqual({ items: ['1', '2'], nextCursor: 'after 2' });
    expect(page([1, 2])).toEqual({ items: ['1', '2'], nextCursor: null });
    expect(page([])).toEqual({ items: [], nextCursor: null });
  });
});
