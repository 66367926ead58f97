// The things the API answers with.
import { z } from 'zod';
import { artifactKindSchema, digestSchema } from '../artifact.ts';
import { errorBodySchema } from '../events.ts';
import { idSchema } from '../names.ts';
import { experimentSchema, runSpecSchema } from '../spec.ts';
import {
  latencySchema,
  modelRoleSchema,
  provenanceSchema,
  stageKindSchema,
  stageSummarySchema,
} from '../stages.ts';
import {
  attemptStateSchema,
  roleSchema,
  runStateSchema,
  stageStateSchema,
  sweepStateSchema,
} from '../states.ts';

/** ISO 8601, UTC. */
export const timeSchema = z.iso.datetime();
const value = z.union([z.string(), z.number(), z.boolean()]);

export const personSchema = z.strictObject({ id: z.string(), name: z.string(), email: z.string() });

/** The schedule that made a run or a sweep; without a name once it is removed. */
const madeBySchema = z.strictObject({ id: idSchema('schedule'), name: z.string().nullable() });

/** One model of a run with its figures: a row of the demo's table. Figures that are not there yet are null. */
export const modelRowSchema = z.strictObject({
  role: modelRoleSchema,
  attention: z.enum(['dot', 'inhibitor']),
  precision: z.enum(['f32', 'int8']),
  layers: z.int(),
  parameters: z.int(),
  sizeBytes: z.int(),
  digest: digestSchema,
  metrics: z.record(z.string(), z.number()).nullable(),
  n: z.int().nullable(),
  latency: z.array(latencySchema).nullable(),
  peakRssBytes: z.int().nullable().describe('of the profile process'),
  /** Set when the profile was measured by another run. */
  profiledBy: z.string().nullable(),
});
export type ModelRow = z.output<typeof modelRowSchema>;

/** A run as in the runs table. */
export const runRowSchema = z.strictObject({
  id: idSchema('run'),
  projectId: idSchema('project'),
  sweepId: idSchema('sweep').nullable(),
  experiment: z.string(),
  cell: z.record(z.string(), value),
  seed: z.int(),
  state: runStateSchema,
  task: z.string(),
  attention: z.enum(['dot', 'inhibitor']),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  requestedBy: personSchema.nullable(),
  schedule: madeBySchema.nullable(),
  /** Share of the stages' work that is done, 0…1, and the estimate of the rest. */
  progress: z.number(),
  etaSeconds: z.number().nullable(),
  models: z.array(modelRowSchema),
  error: errorBodySchema.nullable(),
});
export type RunRow = z.output<typeof runRowSchema>;

export const attemptSchema = z.strictObject({
  number: z.int(),
  state: attemptStateSchema,
  startedAt: timeSchema,
  finishedAt: timeSchema.nullable(),
  resumedFrom: digestSchema.nullable(),
  error: errorBodySchema.nullable(),
  wallSeconds: z.number().nullable(),
  cpuSeconds: z.number().nullable(),
  peakRssBytes: z.int().nullable(),
});
export type AttemptView = z.output<typeof attemptSchema>;

export const stageViewSchema = z.strictObject({
  path: z.string(),
  name: z.string(),
  kind: stageKindSchema,
  model: modelRoleSchema.nullable(),
  state: stageStateSchema,
  key: z.string().nullable(),
  /** Path of the stage that computed or computes it, when that is another run's. */
  ownerPath: z.string().nullable(),
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  phase: z.string().nullable(),
  done: z.number().nullable(),
  total: z.number().nullable(),
  unit: z.string().nullable(),
  ratePerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  attempts: z.array(attemptSchema),
  output: z
    .strictObject({ digest: digestSchema, kind: artifactKindSchema, sizeBytes: z.int() })
    .nullable(),
  summary: stageSummarySchema.nullable(),
  provenance: provenanceSchema.nullable(),
  error: errorBodySchema.nullable(),
});
export type StageView = z.output<typeof stageViewSchema>;

export const runDetailSchema = runRowSchema.extend({
  spec: runSpecSchema,
  stages: z.array(stageViewSchema),
  /** The newest sequence number of the project's events that this answer includes: subscribe from here. */
  lastEventId: z.string(),
});
export type RunDetail = z.output<typeof runDetailSchema>;

export const sweepRowSchema = z.strictObject({
  id: idSchema('sweep'),
  projectId: idSchema('project'),
  experiment: z.string(),
  state: sweepStateSchema,
  createdAt: timeSchema,
  finishedAt: timeSchema.nullable(),
  requestedBy: personSchema.nullable(),
  schedule: madeBySchema.nullable(),
  planned: z.int(),
  counts: z.record(runStateSchema, z.int()),
  /** Why it could not be laid out, or that it was cancelled; the errors of its runs are theirs. */
  error: errorBodySchema.nullable(),
});
export type SweepRow = z.output<typeof sweepRowSchema>;

export const sweepDetailSchema = sweepRowSchema.extend({
  spec: experimentSchema,
  runs: z.array(runRowSchema),
});
export type SweepDetail = z.output<typeof sweepDetailSchema>;

export const metricSeriesSchema = z.strictObject({
  stage: z.string(),
  name: z.string(),
  points: z.array(z.strictObject({ step: z.int(), value: z.number().nullable() })),
});
export type MetricSeries = z.output<typeof metricSeriesSchema>;

export const logLineSchema = z.strictObject({
  stage: z.string(),
  attempt: z.int(),
  seq: z.int(),
  at: timeSchema,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
});
export type LogLine = z.output<typeof logLineSchema>;

export const artifactViewSchema = z.strictObject({
  digest: digestSchema,
  kind: artifactKindSchema,
  sizeBytes: z.int(),
  createdAt: timeSchema,
  /** Path of the stage that made it. */
  madeBy: z.string(),
  files: z.array(z.strictObject({ name: z.string(), digest: digestSchema, sizeBytes: z.int() })),
  inputs: z.record(z.string(), digestSchema),
});
export type ArtifactView = z.output<typeof artifactViewSchema>;

export const scheduleSchema = z.strictObject({
  id: idSchema('schedule'),
  projectId: idSchema('project'),
  name: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  overlap: z.enum(['skip', 'buffer-one', 'cancel-other', 'allow-all']),
  paused: z.boolean(),
  spec: experimentSchema,
  nextRuns: z.array(timeSchema),
  /** What the last firings launched; `id` is that of the run or sweep. */
  recentRuns: z.array(z.strictObject({ at: timeSchema, id: z.string() })),
});
export type ScheduleView = z.output<typeof scheduleSchema>;

export const commentSchema = z.strictObject({
  id: idSchema('comment'),
  runId: idSchema('run'),
  author: personSchema,
  body: z.string(),
  createdAt: timeSchema,
});
export type CommentView = z.output<typeof commentSchema>;

export const memberSchema = z.strictObject({
  person: personSchema,
  role: roleSchema,
  since: timeSchema,
});
export type MemberView = z.output<typeof memberSchema>;

export const invitationSchema = z.strictObject({
  id: idSchema('invitation'),
  role: roleSchema,
  createdAt: timeSchema,
  expiresAt: timeSchema,
});
export type InvitationView = z.output<typeof invitationSchema>;

export const projectSchema = z.strictObject({
  id: idSchema('project'),
  name: z.string(),
  organization: z.strictObject({ id: idSchema('organization'), name: z.string() }),
  role: roleSchema,
});
export type ProjectView = z.output<typeof projectSchema>;

export const organizationSchema = z.strictObject({
  id: idSchema('organization'),
  name: z.string(),
  /** Members and owners make projects. */
  role: roleSchema,
});
export type OrganizationView = z.output<typeof organizationSchema>;

export const apiKeySchema = z.strictObject({
  id: idSchema('apiKey'),
  name: z.string(),
  role: roleSchema,
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
});
export type ApiKeyView = z.output<typeof apiKeySchema>;

/** A live event of a project; `id` is the database sequence, resumable as `Last-Event-ID`. */
export const liveEventSchema = z.strictObject({
  id: z.string(),
  /** `gap`: events before the next one are kept no longer, so that all must be read anew. */
  type: z.enum([
    'run',
    'stage',
    'progress',
    'metrics',
    'logs',
    'comment',
    'sweep',
    'presence',
    'gap',
  ]),
  runId: z.string().nullable(),
  sweepId: z.string().nullable(),
  stage: z.string().nullable(),
  /** Type presence: everyone who looks at the run's page now. */
  people: z.array(personSchema).optional(),
});
export type LiveEvent = z.output<typeof liveEventSchema>;

/** What pressing Launch will do. */
export const previewSchema = z.strictObject({
  runs: z.int(),
  stages: z.int(),
  /**
   * Of these, stages that an equal one of the same sweep computes for them. What the cache of the project has is not
   * told: keys hold digests of inputs that may not exist yet.
   */
  sharedStages: z.int(),
  /** From the history of this project; null with no history. */
  estimatedSeconds: z.number().nullable(),
  issues: z.array(z.strictObject({ path: z.string(), reason: z.string(), fix: z.string() })),
});
export type Preview = z.output<typeof previewSchema>;
