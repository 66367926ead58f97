import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { demoSpec } from './demo-spec.ts';
import {
  alignments,
  axisToRemove,
  issueAt,
  listOf,
  numberText,
  patchDraft,
  readDraft,
  specAsDraft,
  valueAt,
} from './prepare.ts';

const example = new URL('../../../../workflows/contracts/examples/demo.yaml', import.meta.url);

it('starts with the demo of contracts, word for word', () => {
  expect(demoSpec).toBe(readFileSync(example, 'utf8'));
});

describe('readDraft', () => {
  it('counts the runs of the demo', () => {
    expect(readDraft(demoSpec)).toMatchObject({ issues: [], runs: 2 });
  });
  it('puts an unknown key at its place, with the nearest valid one', () => {
    const text = 'experiment: a\nstudent:\n  layrs: 3\n';
    const [issue] = readDraft(text).issues;
    expect(issue).toMatchObject({ path: 'student.layrs', fix: 'did you mean “layers”?' });
    expect(text.slice(issue?.from, issue?.to)).toBe('layrs');
  });
  it('finds swept paths, whose keys hold dots', () => {
    const text = 'experiment: a\nsweep:\n  over: { student.atention: [dot] }\n';
    const [issue] = readDraft(text).issues;
    expect(text.slice(issue?.from, issue?.to)).toBe('student.atention');
  });
  it('puts a missing key at its parent, and broken YAML where it breaks', () => {
    const [missing] = readDraft('student: { layers: 3 }\n').issues;
    expect(missing?.path).toBe('experiment');
    const [broken] = readDraft('experiment: [a\nstudent: 3').issues;
    expect(broken?.from).toBeGreaterThan(0);
  });
  it('refuses a sweep with an impossible cell', () => {
    const text =
      'experiment: a\nstudent: { init: [0, 2, 4] }\nsweep: { over: { student.layers: [3, 4] } }\n';
    expect(readDraft(text)).toMatchObject({ spec: null, runs: null });
  });
  it.each(['', '[]', '3', '- a'])('never throws: %j', (text) => {
    expect(readDraft(text).issues.length).toBeGreaterThan(0);
  });
});

describe('patchDraft', () => {
  it('keeps comments and order', () => {
    const text = patchDraft(
      '# mine\nexperiment: a # name\nstudent: { layers: 3 }\n',
      ['student', 'layers'],
      2,
    );
    expect(text).toBe('# mine\nexperiment: a # name\nstudent: { layers: 2 }\n');
  });
  it('makes parents and removes what it empties', () => {
    const made = patchDraft('experiment: a\n', ['teacher', 'finetune', 'epochs'], 3);
    expect(valueAt(readDraft(made).value, ['teacher', 'finetune', 'epochs'])).toBe(3);
    expect(patchDraft(made, ['teacher', 'finetune', 'epochs'], undefined)).toBe('experiment: a\n');
  });
  it('writes keys with dots as one key', () => {
    const text = patchDraft('experiment: a\n', ['sweep', 'over', 'student.layers'], [2, 3]);
    expect(readDraft(text).runs).toBe(2);
  });
  it('leaves text alone that it cannot read', () => {
    expect(patchDraft('a: [', ['b'], 1)).toBe('a: [');
  });
});

describe('axisToRemove', () => {
  it('leaves a valid file, also of the last axis', () => {
    const one = readDraft(demoSpec);
    const path = axisToRemove(one.value, 'student.attention');
    expect(readDraft(patchDraft(demoSpec, path, undefined))).toMatchObject({ issues: [], runs: 1 });
    const two = patchDraft(demoSpec, ['sweep', 'over', 'student.layers'], [2, 3]);
    const other = axisToRemove(readDraft(two).value, 'student.attention');
    expect(readDraft(patchDraft(two, other, undefined))).toMatchObject({ issues: [], runs: 2 });
  });
});

describe('form values', () => {
  it('stand while an alignment is being written', () => {
    const named = (align: string) =>
      alignments(readDraft(`experiment: a\ndistill: { align: ${align} }\n`).value);
    expect(named('[hidden]')).toEqual(['hidden']);
    expect(named('')).toEqual(['context', 'hidden']);
    expect([named('3'), named('true'), named('{ a: 1 }')]).toEqual([[], [], []]);
  });
  it('writes small numbers short', () => {
    expect([5e-5, 0.01, 0, 1.5].map(numberText)).toEqual(['5e-5', '0.01', '0', '1.5']);
  });
  it('reads lists', () => expect(listOf('1, 2,x, ,true')).toEqual([1, 2, 'x', true]));
  it('finds the issue of a field or of what is under it', () => {
    const { issues } = readDraft('experiment: a\nstudent: { layers: 0 }\n');
    expect(issueAt(issues, 'student.layers')).not.toBeNull();
    expect(issueAt(issues, 'student')).not.toBeNull();
    expect(issueAt(issues, 'stud')).toBeNull();
  });
  it('turns a run back into a file', () => {
    expect(specAsDraft({ experiment: 'a', seed: 4 })).toBe('experiment: a\nseeds:\n  - 4\n');
  });
});
