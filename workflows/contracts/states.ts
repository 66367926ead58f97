// The states a run, stage, attempt and sweep can be in, as printed on pages.
import { z } from 'zod';

export const runStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export const runStateSchema = z.enum(runStates);
export type RunState = z.output<typeof runStateSchema>;

/** `waiting`: for its inputs; `queued`: ready, waiting for a slot; `cached`: finished from an earlier equal stage. */
export const stageStates = [
  'waiting',
  'queued',
  'running',
  'succeeded',
  'cached',
  'failed',
  'cancelled',
] as const;
export const stageStateSchema = z.enum(stageStates);
export type StageState = z.output<typeof stageStateSchema>;

export const attemptStates = ['running', 'succeeded', 'failed', 'lost', 'cancelled'] as const;
export const attemptStateSchema = z.enum(attemptStates);
export type AttemptState = z.output<typeof attemptStateSchema>;

export const sweepStates = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const;
export const sweepStateSchema = z.enum(sweepStates);
export type SweepState = z.output<typeof sweepStateSchema>;

export const roles = ['viewer', 'member', 'owner'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.output<typeof roleSchema>;

/** True if `role` may do what `needed` may. */
export function roleAllows(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** True for a state in which nothing more will happen. */
export function isFinal(state: RunState | StageState | AttemptState | SweepState): boolean {
  return ['succeeded', 'cached', 'failed', 'lost', 'cancelled'].includes(state);
}
