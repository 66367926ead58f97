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
  const started = performance.now();
  expect(issues(bomb.join('\n'))[0]?.reason).toMatch(/alias/i);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('deep nesting and long texts are refused', () => {
  expect(issues('['.repeat(100_000)).length).toBeGreaterThan(0);
  expect(issues(`experiment: ${'a'.repeat(300_000)}`)[0]?.reason).toMatch(/longer/);
});
