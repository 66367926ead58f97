// The printer: numbers, full pipes, full disks.
import { maxEventLineBytes, stageEventSchema } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { createEventPrinter } from './events.ts';

/** Takes at most `piece` bytes per call; refuses with the given codes in turn before. */
function sink(piece = Infinity, refusals: (string | null)[] = []) {
  const taken: Buffer[] = [];
  return {
    write: (bytes: Uint8Array): number => {
      const code = refusals.shift();
      if (code) throw Object.assign(new Error(code), { code });
      const part = Buffer.from(bytes.subarray(0, piece));
      taken.push(part);
      return part.length;
    },
    lines: () => Buffer.concat(taken).toString('utf8').split('\n').slice(0, -1),
    refuse: (...codes: (string | null)[]) => refusals.push(...codes),
  };
}

describe('event printer', () => {
  it('numbers events and prints what the schema takes', () => {
    const out = sink();
    const events = createEventPrinter(out.write, () => 12);
    events.print({ type: 'phase', phase: 'train' });
    events.log('info', 'größer');
    events.error({ code: 'DIVERGED', message: 'NaN', retryable: false });
    const parsed = out.lines().map((line) => stageEventSchema.parse(JSON.parse(line)));
    expect(parsed.map(({ seq, atMs, type }) => [seq, atMs, type])).toEqual([
      [0, 12, 'phase'],
      [1, 12, 'log'],
      [2, 12, 'error'],
    ]);
  });

  it('writes whole lines through a pipe that takes little or nothing at a time', () => {
    const out = sink(5, [null, 'EAGAIN', 'EAGAIN']);
    createEventPrinter(out.write).print({ type: 'phase', phase: 'train' });
    expect(JSON.parse(out.lines()[0] ?? '')).toMatchObject({ phase: 'train' });
  });

  it('says STORAGE_FULL, and a line after it is not swallowed by the torn one', () => {
    const out = sink(5, [null, 'ENOSPC']);
    const events = createEventPrinter(out.write);
    expect(() => events.print({ type: 'phase', phase: 'a' })).toThrow(
      expect.objectContaining({ code: 'STORAGE_FULL' }),
    );
    events.print({ type: 'phase', phase: 'b' });
    const [torn, whole] = out.lines();
    expect(torn).toHaveLength(5);
    expect(JSON.parse(whole ?? '')).toMatchObject({ seq: 0, phase: 'b' });
  });

  it('keeps every text within the longest line', () => {
    const out = sink();
    const events = createEventPrinter(out.write);
    const long = '\u0001'.repeat(20_000); // six bytes each in JSON
    events.log('warn', long);
    events.error({ code: 'INTERNAL', message: long, fix: long, path: long, retryable: false });
    for (const line of out.lines()) {
      expect(Buffer.byteLength(line)).toBeLessThan(maxEventLineBytes);
      stageEventSchema.parse(JSON.parse(line));
    }
  });
});
