// Parses an experiment and explains what is wrong: path, reason, nearest valid key.
import { z } from 'zod';
import { type Experiment, experimentSchema, type RunSpec, runSpecSchema } from './spec.ts';

/** One thing wrong with a spec. */
export interface SpecIssue {
  /** Dotted path, `student.layers`; empty for the whole file. */
  path: string;
  reason: string;
  fix: string;
}

export type SpecResult<T> = { ok: true; spec: T } | { ok: false; issues: SpecIssue[] };

/** Checks an already decoded YAML or JSON value against the experiment schema and its combinations. */
export function checkExperiment(value: unknown): SpecResult<Experiment> {
  return check(experimentSchema, value);
}

/** The same for one run's resolved spec. */
export function checkRunSpec(value: unknown): SpecResult<RunSpec> {
  return check(runSpecSchema, value);
}

/** Every dotted path a spec may hold, for completion and for `sweep.over`. */
export function specPaths(): string[] {
  return paths(runSpecSchema, '');
}

function check<T extends Experiment | RunSpec>(
  schema: z.ZodType<T>,
  value: unknown,
): SpecResult<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    return { ok: false, issues: parsed.error.issues.flatMap((issue) => explain(schema, issue)) };
  }
  const issues = combinations(parsed.data);
  return issues.length === 0 ? { ok: true, spec: parsed.data } : { ok: false, issues };
}

function explain(schema: z.ZodType, issue: z.core.$ZodIssue): SpecIssue[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return {
        path: path === '' ? key : `${path}.${key}`,
        reason: `unknown key “${key}”`,
        fix: near ? `did you mean “${near}”?` : `known keys here: ${known.join(', ')}`,
      };
    });
  }
  if (issue.code === 'invalid_value') {
    return [
      {
        path,
        reason: `not one of the allowed values`,
        fix: `use one of: ${issue.values.map(String).join(', ')}`,
      },
    ];
  }
  if (issue.code === 'invalid_union') {
    const within = (branch: z.core.$ZodIssue[]) =>
      branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
    const meant = issue.errors.find((branch) => !branch.some(isOtherForm));
    if (meant) return within(meant).flatMap((inner) => explain(schema, inner));
    const forms = issue.errors.flatMap((branch) => branch.map(formOf));
    return [
      {
        path,
        reason: 'has none of the forms it may have',
        fix: `give ${[...new Set(forms)].join(', or ')}`,
      },
    ];
  }
  return [
    { path, reason: issue.message, fix: path === '' ? 'give a mapping of keys' : `change ${path}` },
  ];
}

/** True for a value that was not meant as this form of several: not even its type is right. */
function isOtherForm({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

const formWords: Partial<Record<string, string>> = {
  array: 'a list',
  int: 'a whole number',
  object: 'a mapping of keys',
  record: 'a mapping of keys',
};

function formOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  if (issue.code !== 'invalid_type') return issue.message;
  return formWords[issue.expected] ?? `a ${issue.expected}`;
}

/** What the schema alone cannot say: values that are fine apart and impossible together. */
function combinations(spec: Experiment | RunSpec): SpecIssue[] {
  const issues: SpecIssue[] = [];
  const add = (path: string, reason: string, fix: string) => issues.push({ path, reason, fix });
  const { data, student, distill, profile } = spec;
  if (data.task === 'custom' && !data.schema) {
    add(
      'data.schema',
      'task custom needs to know its columns',
      'add data.schema with text, label and labels',
    );
  }
  if (data.task !== 'custom' && data.schema) {
    add(
      'data.schema',
      `task ${data.task} has its own columns`,
      'remove data.schema or set data.task: custom',
    );
  }
  if ((data.task === 'custom' || data.task === 'sst2') && !data.source) {
    add('data.source', `task ${data.task} needs its files`, 'set data.source: dir:/path/to/folder');
  }
  if (data.task === 'sst2' && spec.evaluate.split === 'test') {
    add(
      'evaluate.split',
      'GLUE publishes no labels for the test split of sst2',
      'set evaluate.split: validation',
    );
  }
  const swept = 'sweep' in spec && spec.sweep ? Object.keys(spec.sweep.over) : [];
  if (
    student.inhibitor &&
    student.attention !== 'inhibitor' &&
    !swept.includes('student.attention')
  ) {
    add(
      'student.inhibitor',
      'the student has dot-product attention',
      'remove it or set student.attention: inhibitor',
    );
  }
  if (Array.isArray(student.init) && student.init.length !== student.layers) {
    add(
      'student.init',
      `lists ${student.init.length} teacher layers for ${student.layers} student layers`,
      'list one teacher layer for each student layer',
    );
  }
  if (new Set(distill.align).size !== distill.align.length) {
    add('distill.align', 'names the same alignment twice', 'name each once');
  }
  if (new Set(profile.lengths).size !== profile.lengths.length) {
    add('profile.lengths', 'names the same length twice', 'name each once');
  }
  if ('sweep' in spec && spec.sweep) issues.push(...sweepIssues(spec.sweep));
  return issues;
}

function sweepIssues(sweep: NonNullable<Experiment['sweep']>): SpecIssue[] {
  const known = specPaths();
  const issues: SpecIssue[] = [];
  if (Object.keys(sweep.over).length === 0) {
    issues.push({
      path: 'sweep.over',
      reason: 'is empty',
      fix: 'name at least one spec path, or remove sweep',
    });
  }
  for (const [path, axis] of Object.entries(sweep.over)) {
    const at = `sweep.over.${path}`;
    if (!known.includes(path) || path === 'seed' || path === 'experiment') {
      const near = nearest(path, known);
      issues.push({
        path: at,
        reason: 'is not a spec path that can be swept',
        fix: near
          ? `did you mean “${near}”?`
          : 'use a path such as student.attention; seeds have their own key',
      });
    }
    if (!Array.isArray(axis)) {
      if (sweep.sampler === 'grid') {
        issues.push({
          path: at,
          reason: 'a range has no grid',
          fix: 'list values, or set sweep.sampler: random',
        });
      }
      if (axis.min >= axis.max)
        issues.push({ path: at, reason: 'min is not below max', fix: 'swap them' });
      if (axis.scale === 'log' && axis.min <= 0) {
        issues.push({
          path: at,
          reason: 'a log scale needs min above 0',
          fix: 'raise min or use scale: linear',
        });
      }
    }
  }
  if (sweep.sampler === 'random' && sweep.samples === undefined) {
    issues.push({
      path: 'sweep.samples',
      reason: 'sampler random needs a number of draws',
      fix: 'set sweep.samples',
    });
  }
  if (sweep.sampler === 'grid' && sweep.samples !== undefined) {
    issues.push({
      path: 'sweep.samples',
      reason: 'a grid is walked whole',
      fix: 'remove it or set sweep.sampler: random',
    });
  }
  return issues;
}

/** The object schema behind optional, default and prefault wrappers. */
function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

function keysAt(schema: unknown, path: PropertyKey[]): string[] {
  let at = unwrap(schema);
  for (const key of path) {
    if (at instanceof z.ZodRecord) at = mapping(at.valueType);
    else if (at instanceof z.ZodObject) at = mapping(at.shape[String(key)]);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** What a schema says of a mapping: of several forms the one that is one. */
function mapping(schema: unknown): unknown {
  const at = unwrap(schema);
  return at instanceof z.ZodUnion ? at.options.find((form) => form instanceof z.ZodObject) : at;
}

function paths(schema: unknown, prefix: string): string[] {
  const at = unwrap(schema);
  if (!(at instanceof z.ZodObject)) return [prefix];
  return Object.entries(at.shape as Record<string, unknown>).flatMap(([key, inner]) =>
    paths(inner, prefix === '' ? key : `${prefix}.${key}`),
  );
}

/** The candidate within a third of the word's length in edits, if any. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const scored = candidates
    .map((candidate) => ({
      candidate,
      edits: distance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.edits - b.edits);
  const best = scored[0];
  return best && best.edits <= limit ? best.candidate : undefined;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
