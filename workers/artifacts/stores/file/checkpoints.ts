// Checkpoints of stages: empty files whose names say step and digest; dropping one frees what only it uses.
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isStillwattError } from '@stillwatt/contracts';
import { digestOf } from '../../canonical.ts';
import { hexOf, invalid, missing } from '../../errors.ts';
import type { CheckpointRef } from '../../store.ts';
import type { Blobs } from './blobs.ts';
import { namesIn, placeMark } from './files.ts';
import type { Manifests } from './manifests.ts';

/** A checkpoint being dropped is no checkpoint any more, though its bytes may still be there. */
const droppedPrefix = 'dropped-';
const lost = new Set(['ARTIFACT_MISSING', 'ARTIFACT_CORRUPT']);
const namePattern = /^(?:dropped-)?(\d+)-([0-9a-f]{64})$/;

export interface Checkpoints {
  put(name: string, checkpoint: CheckpointRef): Promise<void>;
  last(name: string, belowStep?: number): Promise<CheckpointRef | null>;
  drop(name: string, belowStep?: number): Promise<void>;
}

export function createCheckpoints(root: string, blobs: Blobs, manifests: Manifests): Checkpoints {
  const idOf = (name: string) => hexOf(digestOf(name));
  const folderOf = (name: string) => path.join(root, idOf(name));
  const pinOf = (name: string) => `checkpoint-${idOf(name)}`;

  async function release(checkpoint: CheckpointRef, name: string): Promise<void> {
    const { digest } = checkpoint;
    await blobs.unpin(digest, pinOf(name));
    const manifest = await manifests.get(digest).catch((error: unknown) => {
      // Nobody knows the files of one that is damaged: they stay.
      const isLost = isStillwattError(error) && lost.has(error.code);
      if (isLost) return null;
      throw error;
    });
    if (!(await blobs.free(digest)) || !manifest) return;
    for (const file of manifest.files) {
      await blobs.unpin(file.digest, hexOf(digest));
      await blobs.free(file.digest);
    }
  }

  return {
    async put(name, { digest, step }) {
      if (!Number.isSafeInteger(step) || step < 0) throw invalid('not a step', 'step');
      if (!(await blobs.pin(digest, pinOf(name)))) {
        await blobs.unpin(digest, pinOf(name));
        throw missing(`checkpoint ${digest}`);
      }
      await placeMark(path.join(folderOf(name), `${step}-${hexOf(digest)}`));
    },

    async last(name, belowStep = Infinity) {
      const all = (await namesIn(folderOf(name))).flatMap((file) => {
        const checkpoint = parse(file);
        if (!checkpoint || file.startsWith(droppedPrefix)) return [];
        return checkpoint.step < belowStep ? [checkpoint] : [];
      });
      return all.reduce<CheckpointRef | null>(
        (best, next) => (best === null || next.step > best.step ? next : best),
        null,
      );
    },

    async drop(name, belowStep = Infinity) {
      const folder = folderOf(name);
      for (const file of await namesIn(folder)) {
        const checkpoint = parse(file);
        if (!checkpoint) continue;
        const isHalfDropped = file.startsWith(droppedPrefix); // by a process that died over it
        if (!isHalfDropped && checkpoint.step >= belowStep) continue;
        const dropped = path.join(folder, isHalfDropped ? file : droppedPrefix + file);
        if (!isHalfDropped) await rename(path.join(folder, file), dropped);
        await release(checkpoint, name);
        await rm(dropped, { force: true });
      }
    },
  };
}

function parse(file: string): CheckpointRef | null {
  const [, step, hex] = namePattern.exec(file) ?? [];
  return step === undefined || hex === undefined
    ? null
    : { digest: `sha256:${hex}`, step: Number(step) };
}
