// Lines from a stream cut anywhere.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineCutter } from './lines.ts';

describe('line cutter', () => {
  it('gives the same lines wherever the stream is cut, none longer than the bound', () => {
    const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 20 });
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 40 })), (pieces, cuts) => {
        const lines = pieces.map((piece) => piece.replaceAll('\n', ' '));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const cutter = createLineCutter(40);
        const seen: string[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          seen.push(...cutter.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        const fitting = lines.filter((line) => Buffer.byteLength(line) <= 40);
        expect(seen).toEqual(fitting);
        expect(cutter.overlong()).toBe(lines.length - fitting.length);
        expect(cutter.isTorn()).toBe(false);
      }),
      { seed: 7 },
    );
  });

  it('says when the last line is torn', () => {
    const cutter = createLineCutter(10);
    expect(cutter.push(Buffer.from('ab\ncd'))).toEqual(['ab']);
    expect(cutter.isTorn()).toBe(true);
  });
});
