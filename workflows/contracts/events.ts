// The NDJSON lines a stage process prints: one event per line, numbered.
import { z } from 'zod';
import { artifactRefSchema, digestSchema } from './artifact.ts';
import { errorCodes, type ErrorCode, errorTextLimits } from './errors.ts';
import { stageResultSchema } from './stages.ts';

const head = {
  /** 0, 1, 2, … within one attempt; a line that comes twice has the same number. */
  seq: z.int().min(0),
  /** Milliseconds since the epoch. */
  atMs: z.number(),
};

export const errorBodySchema = z.strictObject({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: z.string().max(errorTextLimits.message),
  fix: z.string().max(errorTextLimits.fix).optional(),
  path: z.string().max(errorTextLimits.path).optional(),
  retryable: z.boolean(),
});

export const stageEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...head, type: z.literal('phase'), phase: z.string().max(100) }),
  z.strictObject({
    ...head,
    type: z.literal('progress'),
    done: z.number().min(0),
    total: z.number().min(0),
    unit: z.string().max(40).describe('steps, examples, requests, bytes'),
    ratePerSecond: z.number().nullable(),
    etaSeconds: z.number().nullable(),
  }),
  z.strictObject({
    ...head,
    type: z.literal('metric'),
    name: z.string().max(100).describe('train/loss, align/context, …'),
    step: z.int().min(0),
    value: z.number().nullable().describe('null where it was NaN or infinite'),
  }),
  z.strictObject({
    ...head,
    type: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string().max(10_000),
  }),
  z.strictObject({
    ...head,
    type: z.literal('artifact'),
    role: z.string().max(100),
    artifact: artifactRefSchema,
  }),
  z.strictObject({
    ...head,
    type: z.literal('checkpoint'),
    digest: digestSchema,
    step: z.int().min(0),
  }),
  z.strictObject({ ...head, type: z.literal('result'), result: stageResultSchema }),
  z.strictObject({ ...head, type: z.literal('error'), error: errorBodySchema }),
]);
export type StageEvent = z.output<typeof stageEventSchema>;
export type StageEventType = StageEvent['type'];

/** The longest line a stage may print; a longer one is a fault of the stage. */
export const maxEventLineBytes = 64 * 1024;

/** Exit codes of a stage process; any other one means it crashed. */
export const stageExitCodes = {
  /** The `result` event is printed and its manifest stored. */
  succeeded: 0,
  /** An `error` event says why. */
  failed: 1,
  /** The disk is full, so that the `error` event itself may be missing. */
  storageFull: 28,
} as const;
