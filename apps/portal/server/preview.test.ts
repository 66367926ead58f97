import { checkExperiment } from '@stillwatt/contracts';
import { expect, test } from 'vitest';
import { previewSpec } from './preview.ts';

const history = { data: 1, teacher: 10, distill: 20, quantize: 2, evaluate: 3, profile: 4 };

test('one run: its stages, and their usual time', () => {
  const preview = previewSpec(checkExperiment({ experiment: 'a' }), history);
  expect(preview).toEqual({
    runs: 1,
    stages: 10,
    sharedStages: 0,
    estimatedSeconds: 1 + 10 + 20 + 2 + 3 * 3 + 3 * 4,
    issues: [],
  });
});

test('a sweep computes the common teacher once, and measures every profile', () => {
  const over = { 'student.attention': ['dot', 'inhibitor'] };
  const preview = previewSpec(checkExperiment({ experiment: 'a', sweep: { over } }), history);
  // data, teacher and its evaluation are shared; profiles are new measurements.
  expect(preview).toMatchObject({ runs: 2, stages: 20, sharedStages: 3 });
  expect(preview.estimatedSeconds).toBe(14 + 2 * (20 + 2 + 2 * 3 + 3 * 4));
});

test('seeds change the teacher but not the data', () => {
  const preview = previewSpec(checkExperiment({ experiment: 'a', seeds: [1, 2, 3] }), history);
  expect(preview).toMatchObject({ runs: 3, stages: 30, sharedStages: 2 });
});

test('a sweep larger than what is compared keeps its exact number of runs', () => {
  const sweep = {
    over: { 'distill.learningRate': { min: 1e-5, max: 1e-3, scale: 'log' } },
    sampler: 'random',
    samples: 5000,
  };
  const preview = previewSpec(checkExperiment({ experiment: 'a', sweep }), history);
  expect(preview.runs).toBe(5000);
  expect(preview.stages).toBe(5000 * 10);
});

test('no history, no estimate; a broken spec answers with its issues', () => {
  expect(previewSpec(checkExperiment({ experiment: 'a' }), {}).estimatedSeconds).toBeNull();
  expect(previewSpec(checkExperiment({}), history)).toMatchObject({
    runs: 0,
    issues: [{ path: 'experiment' }],
  });
  const over = { 'student.init': ['teacher-layers'], 'student.layers': [3, 4] };
  const bad = { experiment: 'a', student: { init: [0, 1, 2], layers: 3 }, sweep: { over } };
  expect(previewSpec(checkExperiment(bad), history).issues.length).toBeLessThanOrEqual(1);
});
