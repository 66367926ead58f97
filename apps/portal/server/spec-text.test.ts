import { expect, test } from 'vitest';
import { readSpec } from './spec-text.ts';

function issues(text: string) {
  const result = readSpec(text);
  if (result.ok) throw new Error('it was accepted');
  return result.issues;
}

test('YAML and its decoded value mean the same', () => {
  const fromText = readSpec('experiment: a\nseeds: [1, 2]\n');
  expect(fromText).toMatchObject({ ok: true, spec: { experiment: 'a', seeds: [1, 2] } });
  expect(readSpec({ experiment: 'a', seeds: [1, 2] })).toEqual(fromText);
});

test('a syntax error says its line', () => {
  expect(issues('experiment: a\ndata: { task: sst2\nseeds: [1]\n')[0]?.reason).toMatch(
    /^line [23], /,
  );
});

test('an unknown key has its path and the nearest key', () => {
  expect(issues('experiment: a\nstudent: { layer: 3 }\n')).toEqual([
    expect.objectContaining({ path: 'student.layer', fix: 'did you mean “layers”?' }),
  ]);
});

test('a bomb of aliases is refused before it grows', () => {
  const bomb = Array.from({ length: 12 }, (_, i) => {
    const body = i === 0 ? 'x' : Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ');
    return `a${i}: &a${i} [${body}]`;
  });
  expect(issues(bomb.join('\n'))[0]?.reason).toMatch(/alias/i);
});

// Each of these took seconds, or ended the process, before there were bounds.
test.each([
  ['brackets', '['.repeat(190_000), /deep/],
  ['balanced brackets', '['.repeat(90_000) + ']'.repeat(90_000), /deep/],
  ['brackets with quoted ends', '["]",'.repeat(30_000), /deep/],
  ['dashes', '- '.repeat(95_000), /deep/],
  ['question marks', '? '.repeat(95_000), /deep/],
  ['keys on one line', 'a: '.repeat(60_000), /deep/],
  ['indentation', Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /deep/],
  ['keys', Array.from({ length: 15_000 }, (_, i) => `k${i}: ${i}`).join('\n'), /more than/],
  ['equal explicit keys', '? a\n'.repeat(45_000), /more than/],
  ['stray ends', '}'.repeat(190_000), /more than/],
  ['errors', 'a: ]\n'.repeat(38_000), /more than/],
  ['length', `experiment: ${'a'.repeat(300_000)}`, /longer/],
])('%s without end are refused', (_name, text, reason) => {
  expect(issues(text)[0]?.reason).toMatch(reason);
});

test('a value that is nested without end is refused', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`) as object;
  const result = readSpec({ ...deep });
  expect(result.ok).toBe(false);
});

test('no more faults are told than anybody reads', () => {
  const text = Array.from({ length: 1000 }, (_, i) => `k${i}: ${i}`).join('\n');
  expect(issues(text)).toHaveLength(50);
});

test('a large sweep is within the bounds', () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i + 1) / 1e5).join(', ');
  const over = ['learningRate', 'alignLearningRate', 'weightDecay'].map(
    (name) => `    distill.${name}: [${values}]`,
  );
  expect(readSpec(`experiment: a\nsweep:\n  over:\n${over.join('\n')}\n`).ok).toBe(true);
});
