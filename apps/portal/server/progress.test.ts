import { expect, test } from 'vitest';
import { estimateSeconds, runProgress, type StageProgress } from './progress.ts';

function stage(kind: StageProgress['kind'], over: Partial<StageProgress> = {}): StageProgress {
  const nothing = { done: null, total: null, etaSeconds: null, wallSeconds: null };
  return { kind, state: 'waiting', ...nothing, ...over };
}

test('stages count by what they took before', () => {
  const stages = [stage('teacher', { state: 'succeeded', wallSeconds: 30 }), stage('distill')];
  expect(runProgress(stages, { teacher: 30, distill: 90 })).toEqual({
    progress: 0.25,
    etaSeconds: 90,
  });
});

test('a running stage counts in part and its own estimate wins', () => {
  const running = stage('teacher', { state: 'running', done: 50, total: 100, etaSeconds: 7 });
  expect(runProgress([running, stage('distill')], { teacher: 30, distill: 10 })).toEqual({
    progress: 15 / 40,
    etaSeconds: 17,
  });
});

test('without history the stages that ran say how fast the machine is', () => {
  const stages = [stage('data', { state: 'succeeded', wallSeconds: 8 }), stage('teacher')];
  expect(runProgress(stages, {}).etaSeconds).toBe(240);
});

test('nothing measured: no estimate, and none when all is done', () => {
  expect(runProgress([stage('data'), stage('teacher')], {})).toEqual({
    progress: 0,
    etaSeconds: null,
  });
  const done = [stage('data', { state: 'cached' }), stage('teacher', { state: 'succeeded' })];
  expect(runProgress(done, { data: 1 })).toEqual({ progress: 1, etaSeconds: null });
  expect(runProgress([], {})).toEqual({ progress: 0, etaSeconds: null });
});

test('progress stays within 0 and 1 whatever a stage prints', () => {
  const odd = stage('teacher', { state: 'running', done: 300, total: 100 });
  expect(runProgress([odd], {}).progress).toBe(1);
  expect(runProgress([{ ...odd, total: 0 }], {}).progress).toBe(0);
});

test('a plan is estimated only if every kind was measured', () => {
  expect(estimateSeconds(['data', 'teacher', 'data'], { data: 2, teacher: 10 })).toBe(14);
  expect(estimateSeconds(['data', 'teacher'], { data: 2 })).toBeNull();
});
