// The spec's checks: examples parse, and everything wrong answers with path, reason and fix.
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkExperiment, checkRunSpec, nearest, specPaths } from './spec-check.ts';

const examples = new URL('./examples/', import.meta.url);

/** The one issue of a spec that must be refused. */
function issueOf(spec: Record<string, unknown>) {
  const result = checkExperiment({ experiment: 'x', ...spec });
  if (result.ok) throw new Error('the spec was accepted');
  expect(result.issues).toHaveLength(1);
  return result.issues[0];
}

describe('examples', () => {
  for (const file of readdirSync(examples)) {
    it(`${file} is a valid experiment`, () => {
      expect(checkExperiment(parse(readFileSync(new URL(file, examples), 'utf8')))).toMatchObject({
        ok: true,
      });
    });
  }
});

describe('defaults', () => {
  it('need nothing but a name', () => {
    const result = checkExperiment({ experiment: 'smallest' });
    expect(result).toMatchObject({ ok: true, spec: { student: { layers: 3 }, seeds: [1] } });
  });

  it('resolve to the same spec when resolved again', () => {
    const first = checkExperiment({ experiment: 'x' });
    if (!first.ok) throw new Error('refused');
    expect(checkExperiment(first.spec)).toEqual(first);
  });
});

describe('refusals', () => {
  it('name the nearest valid key', () => {
    expect(issueOf({ studnt: {} })).toEqual({
      path: 'studnt',
      reason: 'unknown key “studnt”',
      fix: 'did you mean “student”?',
    });
    expect(issueOf({ teacher: { finetune: { epoch: 1 } } })?.fix).toContain('epochs');
  });

  it('list the known keys where nothing is near', () => {
    expect(issueOf({ evaluate: { zzzzzz: 1 } })?.fix).toContain('split');
  });

  it('list the allowed values', () => {
    expect(issueOf({ student: { attention: 'softmax' } })).toMatchObject({
      path: 'student.attention',
      fix: 'use one of: dot, inhibitor',
    });
  });

  it.each([
    [{ student: { init: 'teacher' } }, 'student.init', 'give teacher-layers, or a list'],
    [{ student: { init: [0, 'x'] } }, 'student.init.1', 'change student.init.1'],
    [{ resources: { threads: 'many' } }, 'resources.threads', 'give auto, or a number'],
    [{ resources: { threads: 0 } }, 'resources.threads', 'change resources.threads'],
  ])('say what a value of several forms may be: %j', (spec, path, fix) => {
    expect(issueOf(spec)).toMatchObject({ path, fix });
  });

  it('name the nearest key of a range', () => {
    const over = { 'distill.learningRate': { min: 1e-5, max: 1e-3, scal: 'log' } };
    expect(issueOf({ sweep: { sampler: 'random', samples: 2, over } })).toEqual({
      path: 'sweep.over.distill.learningRate.scal',
      reason: 'unknown key “scal”',
      fix: 'did you mean “scale”?',
    });
  });

  it.each([
    ['data.schema', { data: { task: 'custom', source: 'dir:/data' } }],
    ['data.source', { data: { task: 'sst2' }, evaluate: { split: 'validation' } }],
    ['evaluate.split', { data: { task: 'sst2', source: 'dir:/data' } }],
    ['student.inhibitor', { student: { attention: 'dot', inhibitor: {} } }],
    ['student.init', { student: { layers: 2, init: [0] } }],
    ['profile.lengths', { profile: { lengths: [8, 8] } }],
    ['sweep.over', { sweep: { over: {} } }],
    ['sweep.over.student.attentoin', { sweep: { over: { 'student.attentoin': ['dot'] } } }],
    ['sweep.over.student.layers', { sweep: { over: { 'student.layers': { min: 1, max: 3 } } } }],
    ['sweep.samples', { sweep: { sampler: 'random', over: { 'student.layers': [1, 2] } } }],
    ['sweep.samples', { sweep: { samples: 3, over: { 'student.layers': [1, 2] } } }],
  ])('refuse what cannot go together: %s', (path, spec) => {
    expect(issueOf(spec)).toMatchObject({ path });
  });

  it('never throw, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = checkRunSpec(value);
        expect(result.ok || result.issues.length > 0).toBe(true);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('specPaths', () => {
  it('holds leaves, not branches', () => {
    expect(specPaths()).toContain('student.attention');
    expect(specPaths()).toContain('teacher.finetune.learningRate');
    expect(specPaths()).not.toContain('student');
  });
});

describe('nearest', () => {
  it('allows a third of the word in edits', () => {
    expect(nearest('layer', ['layers', 'lengths'])).toBe('layers');
    expect(nearest('qwerty', ['layers'])).toBeUndefined();
  });
});
