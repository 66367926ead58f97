// What workflows are started with, signalled and asked: ids, specs and digests, never tensors or data.
import { z } from 'zod';
import { errorBodySchema } from './events.ts';
import { idSchema } from './names.ts';
import { experimentSchema, runSpecSchema } from './spec.ts';
import { stageKindSchema, stageResultSchema } from './stages.ts';
import { stageStateSchema } from './states.ts';

const owner = {
  projectId: idSchema('project'),
  /** User id, or null for a schedule or a key that nobody made. */
  requestedBy: idSchema('user').nullable(),
  /** The schedule that fired, if one did. */
  scheduleId: idSchema('schedule').optional(),
};

/** Workflow id: `runPath(runId, sweepId)`. */
export const runInputSchema = z.strictObject({
  ...owner,
  runId: idSchema('run'),
  sweepId: idSchema('sweep').nullable(),
  /** Values of the swept paths, for the run's name in tables; empty outside a sweep. */
  cell: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  spec: runSpecSchema,
});
export type RunInput = z.output<typeof runInputSchema>;

/** Workflow id: the sweep's id. A spec with several seeds and no space is a sweep over its seeds. */
export const sweepInputSchema = z.strictObject({
  ...owner,
  sweepId: idSchema('sweep'),
  spec: experimentSchema,
  /** Draws already started, kept over continue-as-new. */
  cursor: z
    .strictObject({
      next: z.int(),
      paused: z.boolean(),
      failed: z.int(),
      succeeded: z.int(),
      cancelled: z.int(),
    })
    .optional(),
});
export type SweepInput = z.output<typeof sweepInputSchema>;

/** What a schedule starts: makes the ids of this firing, then a run or a sweep. */
export const scheduledInputSchema = z.strictObject({
  projectId: idSchema('project'),
  scheduleId: idSchema('schedule'),
  spec: experimentSchema,
});
export type ScheduledInput = z.output<typeof scheduledInputSchema>;

/** Workflow id: `stageWorkflowId(projectId, key)`. */
export const stageWorkInputSchema = z.strictObject({
  projectId: idSchema('project'),
  key: z.string().max(200),
  kind: stageKindSchema,
  /** Path of the stage row that owns attempts and metrics: the first run that asked. */
  path: z.string().max(300),
  config: z.record(z.string(), z.unknown()),
  inputs: z.record(z.string(), z.string()),
  threads: z.int(),
  /** Memory the process may take; absent: no limit of ours. */
  memoryMiB: z.int().optional(),
});
export type StageWorkInput = z.output<typeof stageWorkInputSchema>;

/** Signal `wait`: who to tell. */
export const waitSignalSchema = z.strictObject({ workflowId: z.string(), stage: z.string() });
export type WaitSignal = z.output<typeof waitSignalSchema>;

/** Signal `stageEnded` to a waiting run. */
export const stageEndedSchema = z.strictObject({
  stage: z.string(),
  outcome: z.discriminatedUnion('state', [
    z.strictObject({
      state: z.literal('succeeded'),
      result: stageResultSchema,
      ownerPath: z.string(),
    }),
    z.strictObject({ state: z.literal('failed'), error: errorBodySchema }),
    z.strictObject({ state: z.literal('cancelled') }),
  ]),
});
export type StageEnded = z.output<typeof stageEndedSchema>;

/** Answer to query `progress` of a sweep. */
export const sweepProgressSchema = z.strictObject({
  state: z.enum(['running', 'paused']),
  size: z.int(),
  started: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
});
export type SweepProgress = z.output<typeof sweepProgressSchema>;

/** Answer to query `progress` of a run. */
export const runProgressSchema = z.strictObject({
  stages: z.array(
    z.strictObject({ name: z.string(), kind: stageKindSchema, state: stageStateSchema }),
  ),
});
export type RunProgress = z.output<typeof runProgressSchema>;
