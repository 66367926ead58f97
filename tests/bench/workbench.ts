// What the contenders of one process share: models of a fixed seed, inputs, the rivals' Python, a folder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendName } from '@stillwatt/contracts';
import { type Backend, openBackend, quantizeModel, saveModel } from '@stillwatt/engine';
import { createKernels } from '@stillwatt/native';
import { randomNumbers } from '../../workers/engine/data/random.ts';
import { kernelVariant, missingPeer } from './env.ts';
import { startPeer } from './peers/process.ts';
import { createModel } from './random-model.ts';
import type { Peer, PeerName, Shape, Workbench } from './types.ts';

export function createWorkbench(threads: number, trainer: BackendName): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'stillwatt-bench-'));
  const remember = createMemory();
  const backends = new Map<BackendName, Promise<Backend>>();
  const peers = new Map<PeerName, Peer>();
  const bench: Workbench = {
    threads,
    trainer,
    folder,
    backend(name) {
      const opened = backends.get(name) ?? openBackend(name, { threads, variant: kernelVariant });
      backends.set(name, opened);
      return opened;
    },
    kernels: () => remember('kernels', () => createKernels({ threads, variant: kernelVariant })),
    peer(name) {
      const reason = missingPeer(name);
      if (reason !== null) throw new Error(`${name}: ${reason}`);
      const peer = peers.get(name) ?? startPeer(name, threads);
      peers.set(name, peer);
      return peer;
    },
    model(attention, precision = 'f32') {
      return remember(`${attention} ${precision}`, () =>
        precision === 'f32'
          ? createModel(attention)
          : quantizeModel(bench.model(attention), { granularity: 'per-channel' }),
      );
    },
    weightsFile: (attention) =>
      remember(`${attention} file`, () => {
        const file = join(folder, `${attention}.safetensors`);
        writeFileSync(file, saveModel(bench.model(attention)).get('model.safetensors')!);
        return file;
      }),
    async close() {
      for (const peer of peers.values()) await peer.close();
      for (const opened of backends.values()) await (await opened).close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

/** Token ids (B·N) of a shape, the same for all contenders. */
export function drawIds({ batch, tokens }: Shape, vocabulary: number): Int32Array {
  const next = randomNumbers(tokens, batch);
  return Int32Array.from({ length: batch * tokens }, () => Math.floor(next() * vocabulary));
}

/** Computes a value once for each key. */
export function createMemory(): <T>(key: string, compute: () => T) => T {
  const known = new Map<string, unknown>();
  return <T>(key: string, compute: () => T): T => {
    if (!known.has(key)) known.set(key, compute());
    return known.get(key) as T;
  };
}
