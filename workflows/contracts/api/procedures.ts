// Every procedure of the public API: access, input, output and REST path. The router is built from this table.
import { z } from 'zod';
import { digestSchema } from '../artifact.ts';
import { idSchema } from '../names.ts';
import { accessProcedures } from './procedures/access.ts';
import { runProcedures } from './procedures/runs.ts';
import { sweepProcedures } from './procedures/sweeps.ts';

export type { Access, Procedure } from './procedures/common.ts';

/** procedure path → declaration; a run, sweep or schedule id is authorised against its own project. */
export const procedures = { ...accessProcedures, ...runProcedures, ...sweepProcedures } as const;

export type ProcedureName = keyof typeof procedures;
export type ProcedureInput<N extends ProcedureName> = z.input<(typeof procedures)[N]['input']>;
export type ProcedureOutput<N extends ProcedureName> = z.output<(typeof procedures)[N]['output']>;

/** REST base path; a file of an artifact is GET `/artifacts/{projectId}/{digest}/{file}` (bytes). */
export const restBase = '/api/v1';

/** Server-sent events of a project: GET `/projects/{projectId}/events?runId=…` with Last-Event-ID. */
export const liveInputSchema = z.strictObject({
  projectId: idSchema('project'),
  runId: idSchema('run').optional().describe('only this run, and presence on its page'),
  lastEventId: z
    .string()
    .regex(/^\d{1,18}$/, 'the id of an event')
    .nullish(),
});

export const artifactFileSchema = z.strictObject({
  projectId: idSchema('project'),
  digest: digestSchema,
  file: z.string().max(200),
});
