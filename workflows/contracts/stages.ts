// The stages of a run: their kinds, their order, and which output feeds which input.
import { z } from 'zod';
import { type ArtifactRef, artifactRefSchema, digestSchema } from './artifact.ts';
import { type RunSpec, runSpecSchema } from './spec.ts';

export const stageKinds = [
  'data',
  'teacher',
  'distill',
  'quantize',
  'evaluate',
  'profile',
] as const;
export const stageKindSchema = z.enum(stageKinds);
export type StageKind = z.output<typeof stageKindSchema>;

/** Which model of a run a stage makes or measures. */
export const modelRoles = ['teacher', 'student', 'quantized'] as const;
export const modelRoleSchema = z.enum(modelRoles);
export type ModelRole = z.output<typeof modelRoleSchema>;

/** One stage as the spec asks for it; inputs name the stages whose output they are. */
export interface StagePlan {
  /** Unique in the run and last part of the stage's path: `evaluate-student`. */
  name: string;
  kind: StageKind;
  /** The model that is made or measured; null for the data stage. */
  model: ModelRole | null;
  /** Input role → name of the stage that makes it. */
  inputs: Record<string, string>;
  /** The part of the spec that decides this stage's result; hashed into its key. */
  config: Record<string, unknown>;
  /** A profile is a new measurement unless the spec asks to reuse an equal one. */
  reusable: boolean;
}

/** The stages of a run in an order in which every input comes before its use. */
export function planStages(spec: RunSpec): StagePlan[] {
  const { seed, data, teacher, student, distill } = spec;
  const { backend } = spec.resources;
  const stages: StagePlan[] = [
    stage('data', 'data', null, {}, { data }),
    stage(
      'teacher',
      'teacher',
      'teacher',
      { dataset: 'data' },
      { teacher, seed, maxLength: data.maxLength, backend },
    ),
    stage(
      'distill',
      'distill',
      'student',
      { dataset: 'data', teacher: 'teacher' },
      { student, distill, seed, maxLength: data.maxLength, backend },
    ),
  ];
  const made: [ModelRole, string][] = [
    ['teacher', 'teacher'],
    ['student', 'distill'],
  ];
  if (spec.quantize.scheme !== 'none') {
    stages.push(
      stage('quantize', 'quantize', 'quantized', { model: 'distill' }, { quantize: spec.quantize }),
    );
    made.push(['quantized', 'quantize']);
  }
  for (const [role, from] of made) {
    const config = { evaluate: spec.evaluate, maxLength: data.maxLength, backend };
    stages.push(
      stage(`evaluate-${role}`, 'evaluate', role, { dataset: 'data', model: from }, config),
    );
  }
  for (const [role, from] of made) {
    const { reuse, ...profile } = spec.profile;
    const plan = stage(
      `profile-${role}`,
      'profile',
      role,
      { dataset: 'data', model: from },
      { profile, seed, backend },
    );
    stages.push({ ...plan, reusable: reuse });
  }
  return stages;
}

function stage(
  name: string,
  kind: StageKind,
  model: ModelRole | null,
  inputs: Record<string, string>,
  config: Record<string, unknown>,
): StagePlan {
  return { name, kind, model, inputs, config, reusable: true };
}

const part = runSpecSchema.shape;
const { maxLength } = part.data.unwrap().shape;
const { backend } = part.resources.unwrap().shape;

/** What `config` of a stage holds, by kind: what planStages puts in, and the stage process reads. */
export const stageConfigSchemas = {
  data: z.strictObject({ data: part.data }),
  teacher: z.strictObject({ teacher: part.teacher, seed: part.seed, maxLength, backend }),
  distill: z.strictObject({
    student: part.student,
    distill: part.distill,
    seed: part.seed,
    maxLength,
    backend,
  }),
  quantize: z.strictObject({ quantize: part.quantize }),
  evaluate: z.strictObject({ evaluate: part.evaluate, maxLength, backend }),
  profile: z.strictObject({
    profile: part.profile.unwrap().omit({ reuse: true }),
    seed: part.seed,
    backend,
  }),
} satisfies Record<StageKind, z.ZodType>;
export type StageConfig<K extends StageKind> = z.output<(typeof stageConfigSchemas)[K]>;

/** What the stage process reads: `input.json` of its attempt. */
export const stageInputSchema = z.strictObject({
  path: z.string().min(1).max(300).describe('sweep_7/run_12/distill'),
  projectId: z.string().min(1).max(64),
  key: z.string().min(1).max(200).describe('content key of the stage'),
  kind: stageKindSchema,
  config: z.record(z.string(), z.unknown()),
  inputs: z.record(z.string(), digestSchema),
  threads: z.int().min(1).max(256),
  resumeFrom: digestSchema.nullable().describe('last checkpoint of an earlier attempt'),
});
export type StageInput = z.output<typeof stageInputSchema>;

/** A number that may not have been measured: then it is null with a reason, never 0. */
export const measuredSchema = z.strictObject({
  value: z.number().nullable(),
  reason: z.string().nullable().describe('why there is no value'),
  method: z.string().nullable().describe('how it was measured'),
});
export type Measured = z.output<typeof measuredSchema>;

/** One profile window: latency in milliseconds per request of `batch` texts of `length` tokens. */
export const latencySchema = z.strictObject({
  length: z.int(),
  batch: z.int(),
  requests: z.int(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  throughputPerSecond: z.number().describe('texts per second'),
  energyPerInference: measuredSchema.describe('joules per text'),
});
export type Latency = z.output<typeof latencySchema>;

/** What really ran. */
export const provenanceSchema = z.strictObject({
  node: z.string().describe('Node.js version'),
  tensorflow: z.string(),
  engine: z.string().describe('engine version'),
  kernels: z.string().describe('kernel variant'),
  threads: z.int(),
  cpu: z.string(),
  host: z.string(),
});
export type Provenance = z.output<typeof provenanceSchema>;

/** The figures of a finished stage, by kind; what a stage has none of is absent. */
export const stageSummarySchema = z.strictObject({
  rows: z.record(z.string(), z.int()).optional().describe('data: rows by split'),
  droppedRows: z.record(z.string(), z.int()).optional().describe('data: rows dropped, by reason'),
  labels: z.array(z.string()).optional(),
  loss: z.number().optional().describe('teacher, distill: last training loss'),
  steps: z.int().optional(),
  metrics: z.record(z.string(), z.number()).optional().describe('evaluate: accuracy, f1, … in 0…1'),
  n: z.int().optional().describe('evaluate: examples'),
  truncated: z.int().optional().describe('evaluate: texts cut to maxLength'),
  model: z
    .strictObject({
      attention: z.enum(['dot', 'inhibitor']),
      precision: z.enum(['f32', 'int8']),
      layers: z.int(),
      parameters: z.int(),
      sizeBytes: z.int().describe('weights file on disk'),
    })
    .optional(),
  latency: z.array(latencySchema).optional().describe('profile'),
});
export type StageSummary = z.output<typeof stageSummarySchema>;

/** The result manifest of a stage: written to the store before the process ends, looked at first on every re-attach. */
export const stageResultSchema = z.strictObject({
  path: z.string(),
  key: z.string(),
  output: artifactRefSchema,
  summary: stageSummarySchema,
  provenance: provenanceSchema,
  wallSeconds: z.number().min(0),
  cpuSeconds: z.number().min(0),
  peakRssBytes: z.int().min(0),
});
export type StageResult = z.output<typeof stageResultSchema>;

/** The digest of an input by its role, from the results so far. */
export function inputDigests(
  plan: StagePlan,
  outputs: Record<string, ArtifactRef>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(plan.inputs).map(([role, from]) => {
      const ref = outputs[from];
      if (!ref) throw new Error(`stage ${plan.name} runs before its input ${from}`);
      return [role, ref.digest];
    }),
  );
}
