import { describe, expect, it } from 'vitest';
import {
  decimalsFor,
  formatAbsolute,
  formatBytes,
  formatCount,
  formatDifference,
  formatDuration,
  formatEta,
  formatJoules,
  formatMs,
  formatRatio,
  formatRelative,
  formatShare,
  formatSi,
  formatTick,
  formatUncertain,
  plural,
  shortDigest,
} from './format.ts';

/** Thin spaces as plain ones, so that the expectations can be read. */
const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('formatTick', () => {
  it.each([
    [0, '0'],
    [0.25, '0.25'],
    [0.0015, '0.0015'],
    [12_000, '12,000'],
    [100_250, '100,250'],
    [53.7312, '53.73'],
    [0.0003, '3e−4'],
    [-0.00025, '−2.5e−4'],
  ])('%d → %s', (value, text) => expect(formatTick(value)).toBe(text));
});

describe('format', () => {
  it('puts a narrow no-break space before the unit', () => {
    expect(formatMs(12.34)).toBe('12.3\u202fms');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [22_713_216, '22.7 MB'],
    [999_960, '1.00 MB'],
    [1.5e9, '1.50 GB'],
  ])('bytes %s → %s', (bytes, text) => expect(plain(formatBytes(bytes))).toBe(text));

  it.each([
    [0.0041, '4.10 mJ'],
    [3_200, '3.20 kJ'],
    [0.999_9, '1.00 J'],
  ])('joules %s → %s', (joules, text) => expect(plain(formatJoules(joules))).toBe(text));

  it.each([
    [0.34, '340 ms'],
    [4.21, '4.2 s'],
    [48.4, '48 s'],
    [59.7, '1 min'],
    [200, '3 min 20 s'],
    [7_500, '2 h 05 min'],
    [270_000, '3 d 3 h'],
  ])('duration %s → %s', (seconds, text) => expect(plain(formatDuration(seconds))).toBe(text));

  it.each([
    [3, 'a few s'],
    [42, '45 s'],
    [95, '1 min 40 s'],
    [1_500, '25 min'],
  ])('eta %s → %s', (seconds, text) => expect(plain(formatEta(seconds))).toBe(text));

  it('lets digits follow the uncertainty', () => {
    expect(plain(formatUncertain(84.7321, 0.612, '%'))).toBe('84.7 ± 0.6 %');
    expect(plain(formatUncertain(84.7321, 0.0123, '%'))).toBe('84.732 ± 0.012 %');
    expect(plain(formatUncertain(1234.5, 42, 'ms'))).toBe('1,235 ± 42 ms');
    expect(decimalsFor(0)).toBe(1);
    expect(decimalsFor(Number.NaN)).toBe(1);
  });

  it('writes shares with the digits that n examples can carry', () => {
    expect(plain(formatShare(0.8561, 1068))).toBe('85.6 %');
    expect(plain(formatShare(0.8561, 40))).toBe('86 %');
    expect(plain(formatShare(1, 1068))).toBe('100.0 %');
    expect(plain(formatShare(0.8561))).toBe('85.6 %');
  });

  it('signs differences with a true minus and leaves zero alone', () => {
    expect(formatDifference(1.24, 1)).toBe('+1.2');
    expect(formatDifference(-0.44, 1)).toBe('−0.4');
    expect(formatDifference(-0.01, 1)).toBe('0.0');
    expect(formatDifference(0.01, 1)).toBe('0.0');
    expect(formatCount(-12_000)).toBe('−12,000');
    expect(plain(formatRatio(31, 100))).toBe('0.31 ×');
    expect(formatRatio(1, 0)).toBe('–');
  });

  it('writes relative times both ways and dates beyond a month', () => {
    const now = new Date('2026-11-24T12:00:00Z');
    const ago = (seconds: number) =>
      plain(formatRelative(new Date(now.getTime() - seconds * 1000), now));
    expect(ago(4)).toBe('just now');
    expect(ago(240)).toBe('4 min ago');
    expect(ago(-7200)).toBe('in 2 h');
    expect(ago(3 * 86_400)).toBe('3 d ago');
    expect(ago(60 * 86_400)).toBe('25 Sept 2026');
    expect(formatAbsolute(now, 'UTC')).toBe('24 Nov 2026, 12:00:00 UTC');
  });

  it('shortens digests and counts words', () => {
    expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
    expect(plural(1, 'run')).toBe('1 run');
    expect(plural(1200, 'run')).toBe('1,200 runs');
    expect(plain(formatSi(0, 'W'))).toBe('0 W');
  });
});
