// Procedures on specs, runs and the talk about them.
import { z } from 'zod';
import { idSchema } from '../../names.ts';
import { runStateSchema } from '../../states.ts';
import * as shape from '../shapes.ts';
import { launched, list, ok, project, run, spec, page, type Procedure } from './common.ts';

export const runProcedures = {
  'specs.preview': {
    kind: 'query',
    access: 'viewer',
    summary: 'Check a spec and say what launching it will do',
    rest: { method: 'POST', path: '/projects/{projectId}/preview' },
    input: z.strictObject({ ...project, spec }),
    output: shape.previewSchema,
  },
  'specs.launch': {
    kind: 'mutation',
    access: 'member',
    summary: 'Launch a spec as a run or a sweep',
    rest: { method: 'POST', path: '/projects/{projectId}/launch' },
    input: z.strictObject({ ...project, spec }),
    output: launched,
  },
  'runs.list': {
    kind: 'query',
    access: 'viewer',
    summary: 'Runs of a project, newest first unless sorted',
    rest: { method: 'GET', path: '/projects/{projectId}/runs' },
    input: z.strictObject({
      ...project,
      ...page,
      state: runStateSchema.optional(),
      search: z.string().max(200).optional(),
      sweepId: idSchema('sweep').optional(),
      sort: z.enum(['created', 'experiment', 'state', 'duration']).default('created'),
      order: z.enum(['asc', 'desc']).default('desc'),
    }),
    output: list(shape.runRowSchema),
  },
  'runs.get': {
    kind: 'query',
    access: 'viewer',
    summary: 'One run with its stages',
    rest: { method: 'GET', path: '/runs/{runId}' },
    input: z.strictObject(run),
    output: shape.runDetailSchema,
  },
  'runs.metrics': {
    kind: 'query',
    access: 'viewer',
    summary: 'Metric curves of a run',
    rest: { method: 'GET', path: '/runs/{runId}/metrics' },
    input: z.strictObject({
      ...run,
      maxPoints: z.coerce
        .number()
        .int()
        .min(10)
        .max(100_000)
        .default(2000)
        .describe('per series, thinned for drawing'),
    }),
    output: z.strictObject({ series: z.array(shape.metricSeriesSchema) }),
  },
  'runs.logs': {
    kind: 'query',
    access: 'viewer',
    summary: 'Log lines of a run, oldest first',
    rest: { method: 'GET', path: '/runs/{runId}/logs' },
    input: z.strictObject({ ...run, ...page, stage: z.string().max(100).optional() }),
    output: list(shape.logLineSchema),
  },
  'runs.artifacts': {
    kind: 'query',
    access: 'viewer',
    summary: 'Artifacts of a run with lineage',
    rest: { method: 'GET', path: '/runs/{runId}/artifacts' },
    input: z.strictObject(run),
    output: z.strictObject({ items: z.array(shape.artifactViewSchema) }),
  },
  'runs.cancel': {
    kind: 'mutation',
    access: 'member',
    summary: 'Cancel a run',
    rest: { method: 'POST', path: '/runs/{runId}/cancel' },
    input: z.strictObject(run),
    output: ok,
  },
  'runs.compare': {
    kind: 'query',
    access: 'viewer',
    summary: 'Runs side by side with the spec paths in which they differ',
    rest: { method: 'GET', path: '/projects/{projectId}/compare' },
    input: z.strictObject({
      ...project,
      runIds: z.preprocess(
        (value) => (typeof value === 'string' ? value.split(',') : value),
        z.array(idSchema('run')).min(1).max(100),
      ),
    }),
    output: z.strictObject({
      runs: z.array(shape.runDetailSchema),
      differences: z.array(z.strictObject({ path: z.string(), values: z.array(z.unknown()) })),
    }),
  },
  'comments.list': {
    kind: 'query',
    access: 'viewer',
    summary: 'Comments on a run, oldest first',
    rest: { method: 'GET', path: '/runs/{runId}/comments' },
    input: z.strictObject(run),
    output: z.strictObject({ items: z.array(shape.commentSchema) }),
  },
  'comments.add': {
    kind: 'mutation',
    access: 'viewer',
    summary: 'Comment on a run',
    rest: { method: 'POST', path: '/runs/{runId}/comments' },
    input: z.strictObject({ ...run, body: z.string().trim().min(1).max(10_000) }),
    output: shape.commentSchema,
  },
  'comments.remove': {
    kind: 'mutation',
    access: 'viewer',
    summary: 'Remove a comment of mine, or any as owner',
    rest: { method: 'DELETE', path: '/comments/{commentId}' },
    input: z.strictObject({ commentId: idSchema('comment') }),
    output: ok,
  },
} as const satisfies Record<string, Procedure>;
