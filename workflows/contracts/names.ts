// Names shared by everyone: ids, paths, task queues, workflow types, signals and queries.
import { z } from 'zod';

/** Task queue of the worker host. */
export const taskQueue = 'stillwatt';

/** Workflow types, started by name. */
export const workflowNames = {
  run: 'runExperiment',
  sweep: 'runSweep',
  stage: 'runStage',
  scheduled: 'launchScheduled',
} as const;

export const signalNames = {
  /** sweep: stop starting runs; those in flight go on. */
  pause: 'pause',
  /** sweep: go on starting runs. */
  resume: 'resume',
  /** stage: one more run waits for this result. */
  wait: 'wait',
  /** stage: a run no longer waits. */
  release: 'release',
  /** run: a stage it waits for has ended. */
  stageEnded: 'stageEnded',
} as const;

export const queryNames = { progress: 'progress' } as const;

/** Ids: a prefix that says the noun, and 12 characters of base 32 without look-alikes. */
export const idAlphabet = '0123456789abcdefghjkmnpqrstvwxyz';
export const idPrefixes = {
  organization: 'org',
  project: 'prj',
  user: 'usr',
  run: 'run',
  sweep: 'sweep',
  schedule: 'sch',
  apiKey: 'key',
  invitation: 'inv',
  comment: 'com',
} as const;
export type IdNoun = keyof typeof idPrefixes;

/** Schema of an id of one noun. */
export function idSchema(noun: IdNoun): z.ZodString {
  return z
    .string()
    .regex(new RegExp(`^${idPrefixes[noun]}_[${idAlphabet}]{12}$`), `not a ${noun} id`);
}

/** An id from at least 12 bytes, each giving one character: random bytes, or a hash for ids that must repeat. */
export function makeId(noun: IdNoun, bytes: Uint8Array): string {
  if (bytes.length < 12) throw new RangeError('an id needs 12 bytes');
  const body = Array.from(bytes.subarray(0, 12), (byte) => idAlphabet[byte % 32]).join('');
  return `${idPrefixes[noun]}_${body}`;
}

/** `sweep_7/run_12` or `run_12`: id of the run's workflow and first part of its stages' paths. */
export function runPath(runId: string, sweepId: string | null): string {
  return sweepId === null ? runId : `${sweepId}/${runId}`;
}

/** `sweep_7/run_12/distill`: one searchable name for workflow, logs, metrics and rows. */
export function stagePath(runId: string, sweepId: string | null, stage: string): string {
  return `${runPath(runId, sweepId)}/${stage}`;
}

/** Id of the workflow that computes a content key once for every run of a project that waits for it. */
export function stageWorkflowId(projectId: string, key: string): string {
  return `stage/${projectId}/${key}`;
}
