import { checkRunSpec, type RunSpec } from '@stillwatt/contracts';
import { expect, test } from 'vitest';
import { specDifferences } from './differences.ts';

function spec(over: object): RunSpec {
  const result = checkRunSpec({ experiment: 'a', seed: 1, ...over });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.spec;
}

test('only paths that differ, with one value per run', () => {
  const specs = [
    spec({ student: { attention: 'dot' } }),
    spec({ student: { attention: 'inhibitor', inhibitor: {} }, seed: 2 }),
  ];
  const differences = specDifferences(specs);
  expect(differences).toContainEqual({ path: 'student.attention', values: ['dot', 'inhibitor'] });
  expect(differences).toContainEqual({ path: 'seed', values: [1, 2] });
  expect(differences).toContainEqual({ path: 'student.inhibitor.calibrate', values: [null, true] });
  expect(differences.map(({ path }) => path)).not.toContain('student.layers');
});

test('equal specs, one spec and none differ in nothing', () => {
  expect(specDifferences([spec({}), spec({})])).toEqual([]);
  expect(specDifferences([spec({})])).toEqual([]);
  expect(specDifferences([])).toEqual([]);
});

test('lists are compared whole', () => {
  const specs = [spec({ profile: { lengths: [32] } }), spec({ profile: { lengths: [32, 64] } })];
  expect(specDifferences(specs)).toEqual([{ path: 'profile.lengths', values: [[32], [32, 64]] }]);
});
