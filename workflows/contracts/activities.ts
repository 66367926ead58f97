// What workflows ask of activities: ids, specs and digests in, small answers out.
import { z } from 'zod';
import { digestSchema } from './artifact.ts';
import { errorBodySchema } from './events.ts';
import { idSchema } from './names.ts';
import { stageKindSchema, modelRoleSchema, stageResultSchema, type StageResult } from './stages.ts';
import { runStateSchema, stageStateSchema, sweepStateSchema } from './states.ts';
import {
  type RunInput,
  type StageWorkInput,
  stageWorkInputSchema,
  sweepInputSchema,
  waitSignalSchema,
} from './workflows.ts';

/** What a run is told when its row is there. */
export interface OpenedRun {
  /** Threads of every stage: the spec's, or what `auto` means on this host. */
  threads: number;
}

export const openSweepInputSchema = z.strictObject({
  sweep: sweepInputSchema,
  /** Runs in all; 0 if the space cannot be laid out. */
  planned: z.int().min(0),
});
export type OpenSweepInput = z.output<typeof openSweepInputSchema>;

/** A finished stage from the cache, and whose it is. */
export interface FoundStage {
  result: StageResult;
  ownerPath: string;
}

/** `StagePlan` as it travels. */
const stagePlanSchema = z.strictObject({
  name: z.string(),
  kind: stageKindSchema,
  model: modelRoleSchema.nullable(),
  inputs: z.record(z.string(), z.string()),
  config: z.record(z.string(), z.unknown()),
  reusable: z.boolean(),
});

export const keyStageInputSchema = z.strictObject({
  projectId: idSchema('project'),
  runId: idSchema('run'),
  plan: stagePlanSchema,
  /** Input role → digest of the artifact. */
  inputs: z.record(z.string(), z.string()),
  threads: z.int(),
});
export type KeyStageInput = z.output<typeof keyStageInputSchema>;

export const findStageInputSchema = z.strictObject({
  projectId: idSchema('project'),
  key: z.string(),
});
export type FindStageInput = z.output<typeof findStageInputSchema>;

export const requestStageInputSchema = z.strictObject({
  runId: idSchema('run'),
  work: stageWorkInputSchema,
  wait: waitSignalSchema,
});
export type RequestStageInput = z.output<typeof requestStageInputSchema>;

export const recordStageInputSchema = z.strictObject({
  projectId: idSchema('project'),
  runId: idSchema('run'),
  path: z.string(),
  key: z.string(),
  state: stageStateSchema,
  ownerPath: z.string().nullable(),
  result: stageResultSchema.nullable(),
  error: errorBodySchema.nullable(),
});
export type RecordStageInput = z.output<typeof recordStageInputSchema>;

export const closeRunInputSchema = z.strictObject({
  projectId: idSchema('project'),
  runId: idSchema('run'),
  state: runStateSchema,
  error: errorBodySchema.nullable(),
});
export type CloseRunInput = z.output<typeof closeRunInputSchema>;

export const recordSweepInputSchema = z.strictObject({
  projectId: idSchema('project'),
  sweepId: idSchema('sweep'),
  state: sweepStateSchema,
  error: errorBodySchema.nullable(),
});
export type RecordSweepInput = z.output<typeof recordSweepInputSchema>;

/** Heartbeat of `runStage`: the last checkpoint of its process, for whoever looks at the workflow. */
export const stageHeartbeatSchema = z.strictObject({ checkpoint: digestSchema.nullable() });
export type StageHeartbeat = z.output<typeof stageHeartbeatSchema>;

/** Every activity, by the name workflows call it. All may run twice and then change nothing more. */
export interface Activities {
  /** Inserts the run's row and its stages' rows. */
  openRun(input: RunInput): Promise<OpenedRun>;
  /** The last word on a run; stages that have not ended are cancelled with it. */
  closeRun(input: CloseRunInput): Promise<void>;
  /** Inserts the sweep's row. */
  openSweep(input: OpenSweepInput): Promise<void>;
  /** Paused, running again, or ended. */
  recordSweep(input: RecordSweepInput): Promise<void>;
  /** The content key of a stage. */
  keyStage(input: KeyStageInput): Promise<string>;
  /** A finished stage under this key whose output is still whole in the store. */
  findStage(input: FindStageInput): Promise<FoundStage | null>;
  /** Makes sure that the workflow of a key runs and will tell this run; answers whose path it works on. */
  requestStage(input: RequestStageInput): Promise<{ ownerPath: string }>;
  /** Runs one stage in a process of its own, or goes on watching the one that runs. */
  runStage(input: StageWorkInput): Promise<StageResult>;
  /** Makes sure that no process of the stage is left, also where no activity was watching it. */
  stopStage(input: StageWorkInput): Promise<void>;
  recordStage(input: RecordStageInput): Promise<void>;
}
