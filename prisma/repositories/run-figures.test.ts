// Models, progress and estimate of a run from its stages.
import type { StageState } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { modelRows, runProgress } from './run-figures.ts';
import type { StageFigures } from './stage-rows.ts';

function stage(
  kind: StageFigures['kind'],
  state: StageState,
  more: Partial<StageFigures> = {},
): StageFigures {
  return {
    ...{ runId: 'run', name: kind, kind, model: null, state, ownerPath: null, done: null },
    ...{ total: null, etaSeconds: null, outputDigest: null, summary: null, peakRssBytes: null },
    ...more,
  };
}

const model = {
  ...{ attention: 'dot' as const, precision: 'f32' as const, layers: 6 },
  ...{ parameters: 1e7, sizeBytes: 4e7 },
};

describe('modelRows', () => {
  it('has no row before the model is made', () => {
    expect(modelRows([stage('teacher', 'running')])).toEqual([]);
  });

  it('gathers the figures of one role and leaves the others null', () => {
    const made = { outputDigest: 'sha256:1', summary: { model } };
    const latency = [
      {
        ...{ length: 32, batch: 1, requests: 9, p50Ms: 1, p95Ms: 2, p99Ms: 3 },
        ...{
          throughputPerSecond: 4,
          energyPerInference: { value: null, reason: 'r', method: null },
        },
      },
    ];
    const rows = modelRows([
      stage('teacher', 'succeeded', { model: 'teacher', ...made }),
      stage('distill', 'succeeded', { ...made, model: 'student', outputDigest: 'sha256:2' }),
      stage('evaluate', 'succeeded', {
        ...{ model: 'teacher', summary: { metrics: { accuracy: 0.8 }, n: 100 } },
      }),
      stage('profile', 'cached', {
        ...{ model: 'student', summary: { latency }, peakRssBytes: 7, ownerPath: 'other/profile' },
      }),
    ]);
    expect(rows).toEqual([
      {
        ...{ role: 'teacher', ...model, digest: 'sha256:1', metrics: { accuracy: 0.8 }, n: 100 },
        ...{ latency: null, peakRssBytes: null, profiledBy: null },
      },
      {
        ...{ role: 'student', ...model, digest: 'sha256:2', metrics: null, n: null },
        ...{ latency, peakRssBytes: 7, profiledBy: 'other/profile' },
      },
    ]);
  });
});

describe('runProgress', () => {
  const typical = { data: 10, teacher: 70, distill: 20 };

  it('weighs stages by what they usually take', () => {
    const stages = [
      stage('data', 'cached'),
      stage('teacher', 'running', { done: 50, total: 100, etaSeconds: 40 }),
      stage('distill', 'waiting'),
    ];
    expect(runProgress(stages, typical)).toEqual({ progress: 0.45, etaSeconds: 60 });
  });

  it('does not know the rest without history or estimate', () => {
    const stages = [stage('data', 'succeeded'), stage('evaluate', 'waiting')];
    expect(runProgress(stages, {})).toEqual({ progress: 4 / 12, etaSeconds: null });
  });

  it('weighs a kind without history by what it usually takes, at the speed of the others', () => {
    const stages = [stage('teacher', 'succeeded'), stage('distill', 'waiting')];
    const { progress } = runProgress(stages, { teacher: 240 });
    expect(progress).toBeCloseTo(240 / (240 + 300));
  });

  it('is done when all are, and never more than that', () => {
    const over = { done: 12, total: 10, etaSeconds: 0 };
    expect(runProgress([stage('data', 'running', over)], typical).progress).toBe(1);
    expect(runProgress([stage('data', 'succeeded')], typical)).toEqual({
      progress: 1,
      etaSeconds: 0,
    });
    expect(runProgress([], {})).toEqual({ progress: 0, etaSeconds: 0 });
  });

  it('counts what failed only as far as it got', () => {
    const failed = stage('data', 'failed', { done: 1, total: 4 });
    expect(runProgress([failed], typical).progress).toBe(0.25);
    expect(runProgress([stage('data', 'running', { done: 1, total: 0 })], {}).progress).toBe(0);
  });
});
