// Keys are equal exactly when the results must be.
import { checkRunSpec, type KeyStageInput, planStages } from '@stillwatt/contracts';
import { expect, it } from 'vitest';
import { stageKey } from './stage-key.ts';

const engine = { codeVersion: 'a', kernels: 'k' };
function input(stage: string, parts: Record<string, unknown> = {}): KeyStageInput {
  const checked = checkRunSpec({ experiment: 'test', seed: 1, ...parts });
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  const plan = planStages(checked.spec).find(({ name }) => name === stage);
  if (!plan) throw new Error(stage);
  const ids = { projectId: 'prj_000000000000', runId: 'run_000000000000' };
  return { ...ids, plan, inputs: { dataset: `sha256:${'0'.repeat(64)}` }, threads: 1 };
}

it('is the same for the same stage of different runs, whatever the file looks like', () => {
  const teacher = input('teacher');
  const key = stageKey(teacher, engine);
  expect(key).toMatch(/^teacher-[0-9a-f]{64}$/);
  expect(stageKey({ ...teacher, runId: 'run_111111111111' }, engine)).toBe(key);
  const student = { student: { layers: 2 }, experiment: 'other' };
  expect(stageKey(input('teacher', student), engine)).toBe(key);
  const config = Object.fromEntries(Object.entries(teacher.plan.config).reverse());
  expect(stageKey({ ...teacher, plan: { ...teacher.plan, config } }, engine)).toBe(key);
});

it('changes with everything that can change the result', () => {
  const teacher = input('teacher');
  const keys = [
    stageKey(teacher, engine),
    stageKey(input('teacher', { seed: 2 }), engine),
    stageKey(input('teacher', { teacher: { finetune: { epochs: 3 } } }), engine),
    stageKey({ ...teacher, inputs: { dataset: `sha256:${'1'.repeat(64)}` } }, engine),
    stageKey({ ...teacher, threads: 2 }, engine),
    stageKey(teacher, { ...engine, codeVersion: 'b' }),
    stageKey(teacher, { ...engine, kernels: 'l' }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

it('gives a profile to one run alone, unless the spec asks to reuse one', () => {
  const other = { runId: 'run_111111111111' };
  const own = input('profile-student');
  expect(stageKey({ ...own, ...other }, engine)).not.toBe(stageKey(own, engine));
  const shared = input('profile-student', { profile: { reuse: true } });
  expect(stageKey({ ...shared, ...other }, engine)).toBe(stageKey(shared, engine));
});
