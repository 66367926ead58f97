// The plan of a run: order, inputs and what a stage's key depends on.
import { describe, expect, it } from 'vitest';
import { checkRunSpec } from './spec-check.ts';
import type { RunSpec } from './spec.ts';
import { planStages, stageConfigSchemas } from './stages.ts';

function spec(parts: Record<string, unknown> = {}): RunSpec {
  const result = checkRunSpec({ experiment: 'x', seed: 1, ...parts });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.spec;
}

function configOf(stages: ReturnType<typeof planStages>, name: string) {
  return stages.find((stage) => stage.name === name)?.config;
}

describe('planStages', () => {
  it('puts every input before its use', () => {
    const seen = new Set<string>();
    for (const stage of planStages(spec())) {
      for (const from of Object.values(stage.inputs)) expect(seen).toContain(from);
      seen.add(stage.name);
    }
    expect([...seen]).toHaveLength(10);
  });

  it('measures the teacher, the student and the quantized model', () => {
    const profiled = planStages(spec()).filter((stage) => stage.kind === 'profile');
    expect(profiled.map((stage) => stage.model)).toEqual(['teacher', 'student', 'quantized']);
  });

  it('leaves out what a spec without quantization has not', () => {
    const names = planStages(spec({ quantize: { scheme: 'none' } })).map((stage) => stage.name);
    expect(names.some((name) => name.includes('quantize'))).toBe(false);
  });

  it('gives equal teachers to unequal students, so that the teacher is computed once', () => {
    const dot = planStages(spec({ student: { attention: 'dot' } }));
    const inhibitor = planStages(spec({ student: { attention: 'inhibitor' } }));
    expect(configOf(dot, 'teacher')).toEqual(configOf(inhibitor, 'teacher'));
    expect(configOf(dot, 'distill')).not.toEqual(configOf(inhibitor, 'distill'));
  });

  it('tells whatever computes a model by which backend', () => {
    const stages = planStages(spec({ resources: { backend: 'tfjs' } }));
    const told = stages.filter(({ config }) => config['backend'] === 'tfjs');
    const kinds = new Set(told.map(({ kind }) => kind));
    expect([...kinds]).toEqual(['teacher', 'distill', 'evaluate', 'profile']);
    for (const { kind, config } of stages) {
      expect(stageConfigSchemas[kind].parse(config)).toEqual(config);
    }
  });

  it('changes the teacher with the seed', () => {
    expect(configOf(planStages(spec()), 'teacher')).not.toEqual(
      configOf(planStages(spec({ seed: 2 })), 'teacher'),
    );
  });

  it('measures anew unless the spec asks to reuse', () => {
    const reusable = (reuse: boolean) =>
      planStages(spec({ profile: { reuse } }))
        .filter((stage) => stage.kind === 'profile')
        .map((stage) => stage.reusable);
    expect(reusable(false)).toEqual([false, false, false]);
    expect(reusable(true)).toEqual([true, true, true]);
  });
});
