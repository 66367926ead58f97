// Checkpoints: everything a resumed run needs beside its input, as one safetensors file.
import { StillwattError } from '@stillwatt/contracts';
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
  const head = JSON.parse(metadata['stillwatt'] ?? 'null') as Omit<Checkpoint, 'states'> | null;
  if (head?.fingerprint !== fingerprint) {
    throw new StillwattError(
      'INPUT_INVALID',
      'the checkpoint is of other options or another seed',
      {
        fix: 'Start this stage without the checkpoint.',
      },
    );
  }
  const states = new Map<string, WeightState>();
  for (const [key, tensor] of tensors) {
    const [name = '', part] = key.split(':');
    if (part !== 'weight') continue;
    const read = (which: string): Float32Array => {
      const stored = tensors.get(`${name}:${which}`);
      if (!stored) throw new StillwattError('MODEL_INVALID', `checkpoint: ${name} has no ${which}`);
      return toFloat32(stored, name);
    };
    const [weight, first, second] = [read('weight'), read('first'), read('second')];
    states.set(name, { shape: tensor.shape, weight, first, second });
  }
  return { ...head, states };
}
