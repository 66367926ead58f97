// Checkpoints: everything a resumed run needs beside its input, as one safetensors file.
import { StillwattError } from '@stillwatt/contracts';
import { z } from 'zod';
import type { WeightState } from '../backends/adamw.ts';
import {
  readSafetensors,
  type TensorToStore,
  toFloat32,
  writeSafetensors,
} from '../models/safetensors.ts';

/** Randomness is a function of (seed, step), so the step is all there is to its state. */
export interface Checkpoint {
  /** Of all that decides the numbers: a checkpoint of other options is refused. */
  readonly fingerprint: string;
  readonly phase: number;
  /** Steps done in this phase. */
  readonly step: number;
  /** Losses of the last steps, for the reported mean. */
  readonly losses: readonly number[];
  readonly states: ReadonlyMap<string, WeightState>;
}

const parts = ['weight', 'first', 'second'] as const;
const startAfresh = 'Start this stage without the checkpoint.';

const headSchema = z.strictObject({
  fingerprint: z.string(),
  phase: z.int().min(0),
  step: z.int().min(0),
  losses: z.array(z.number()),
});

export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { fingerprint, phase, step, losses, states } = checkpoint;
  const tensors = new Map<string, TensorToStore>();
  for (const [name, state] of states) {
    for (const part of parts) {
      tensors.set(`${name}:${part}`, { shape: state.shape, values: state[part] });
    }
  }
  const state = JSON.stringify({ fingerprint, phase, step, losses });
  return writeSafetensors(tensors, { stillwatt: state });
}

/** INPUT_INVALID where the bytes are of another run's options, MODEL_INVALID where they are damaged. */
export function readCheckpoint(bytes: Uint8Array, fingerprint: string): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, 'checkpoint');
  const head = readHead(metadata['stillwatt']);
  if (head.fingerprint !== fingerprint) {
    throw new StillwattError(
      'INPUT_INVALID',
      'the checkpoint is of other options or another seed',
      { fix: startAfresh },
    );
  }
  const states = new Map<string, WeightState>();
  for (const [key, { shape }] of tensors) {
    const [name = '', part] = key.split(':');
    if (part !== 'weight') continue;
    const read = (which: string): Float32Array => {
      const stored = tensors.get(`${name}:${which}`);
      if (stored?.shape.join() !== shape.join()) {
        throw damagedCheckpoint(`${name} has no ${which} of shape [${shape.join()}]`);
      }
      return toFloat32(stored, name);
    };
    const [weight, first, second] = [read('weight'), read('first'), read('second')];
    states.set(name, { shape, weight, first, second });
  }
  return { ...head, states };
}

export function damagedCheckpoint(message: string): StillwattError {
  return new StillwattError('MODEL_INVALID', `checkpoint: ${message}`, { fix: startAfresh });
}

function readHead(text = ''): z.infer<typeof headSchema> {
  try {
    return headSchema.parse(JSON.parse(text));
  } catch {
    throw damagedCheckpoint('it does not say where the training stands');
  }
}
