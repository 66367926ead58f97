// The state file of a stack: how the CLI, the doctor and the next start find it.
import { z } from 'zod';
import { readPrivate, writePrivate } from './private-file.ts';

export const partNames = ['postgres', 'temporal', 'host', 'portal'] as const;
export type PartName = (typeof partNames)[number];

/** `starting`: process up, not yet answering; `down`: ended, to be started again after a pause. */
export const partStates = ['starting', 'ready', 'down', 'stopped'] as const;
export type PartState = (typeof partStates)[number];

const partSchema = z.object({
  state: z.enum(partStates),
  pid: z.number().nullable(),
  /** Boot and start time of the process: a pid alone may be another's by now. */
  identity: z.string().nullable(),
  restarts: z.number(),
  log: z.string(),
  ports: z.record(z.string(), z.number()),
});
export type PartView = z.output<typeof partSchema>;

export const stackStateSchema = z.object({
  version: z.literal(1),
  /** STILLWATT_STACK of every process. */
  stackId: z.string(),
  supervisor: z.object({ pid: z.number(), identity: z.string() }),
  urls: z.record(z.string(), z.string()),
  parts: z.partialRecord(z.enum(partNames), partSchema),
});
export type StackState = z.output<typeof stackStateSchema>;

export function readState(file: string): StackState | null {
  const kept = readPrivate(file);
  return kept === null ? null : stackStateSchema.parse(kept);
}

export function writeState(file: string, state: StackState): void {
  writePrivate(file, state);
}
