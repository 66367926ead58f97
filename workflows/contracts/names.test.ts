// Ids and paths: one searchable name for workflow, logs, metrics and rows.
import { describe, expect, it } from 'vitest';
import { idSchema, makeId, runPath, stagePath } from './names.ts';
import { procedures } from './api.ts';

describe('ids', () => {
  it('are what their schema accepts', () => {
    const id = makeId('run', new Uint8Array(12).fill(255));
    expect(idSchema('run').parse(id)).toBe('run_zzzzzzzzzzzz');
    expect(idSchema('sweep').safeParse(id).success).toBe(false);
  });

  it('need enough bytes', () => {
    expect(() => makeId('run', new Uint8Array(11))).toThrow(RangeError);
  });
});

describe('paths', () => {
  it('nest sweep, run and stage', () => {
    expect(runPath('run_1', null)).toBe('run_1');
    expect(stagePath('run_12', 'sweep_7', 'distill')).toBe('sweep_7/run_12/distill');
  });
});

describe('procedures', () => {
  it('have REST paths whose parameters their input knows, each method and path once', () => {
    const seen = new Set<string>();
    for (const [name, procedure] of Object.entries(procedures)) {
      const { method, path } = procedure.rest;
      expect(seen, name).not.toContain(`${method} ${path}`);
      seen.add(`${method} ${path}`);
      for (const [, parameter] of path.matchAll(/\{(\w+)\}/g)) {
        expect(Object.keys(procedure.input.shape), name).toContain(parameter);
      }
    }
  });
});
