// Stage profile: latency and throughput of a model, one window per length and batch.
import type { Latency } from '@stillwatt/contracts';
import { profileModel, type ProfileWindow } from '@stillwatt/engine';
import type { RunStage } from '../context.ts';
import { loadDataset, loadModelArtifact } from '../inputs.ts';
import { jsonFile } from '../json-file.ts';
import { createProgress } from '../progress.ts';
import { inferenceRuntimeOf } from '../runtime.ts';

export const runProfile: RunStage<'profile'> = async (context) => {
  const { config, store, events, signal } = context;
  const { lengths, batch, warmupSeconds, windowSeconds, protocol } = config.profile;
  const dataset = await loadDataset(store, context.input('dataset'));
  const { model } = await loadModelArtifact(store, context.input('model'));
  const backend = await context.openBackend(config.backend);
  const windows = await profileModel({
    backend,
    model,
    dataset,
    lengths,
    batch,
    warmupSeconds,
    windowSeconds,
    seed: config.seed,
    onWindow: (edge, length, size) =>
      events.print({ type: 'phase', phase: `window ${edge} ${length}x${size}` }),
    onProgress: createProgress(events, 'windows'),
    signal,
  });
  const latency = windows.map(toLatency);
  for (const { length, batch: size, p50Ms, p95Ms, requests } of latency) {
    const figures = `p50 ${p50Ms.toFixed(3)} ms, p95 ${p95Ms.toFixed(3)} ms, ${requests} requests`;
    events.log('info', `${length} tokens × ${size}: ${figures}`);
  }
  return {
    kind: 'profile',
    files: new Map([
      ['profile.json', jsonFile({ version: 1, protocol, warmupSeconds, windowSeconds, latency })],
      [
        'latencies.json',
        jsonFile(
          windows.map(({ length, batch: size, latenciesMs }) => ({
            length,
            batch: size,
            latenciesMs,
          })),
        ),
      ],
    ]),
    summary: { latency },
    runtime: inferenceRuntimeOf(backend, model),
  };
};

function toLatency({ latenciesMs: _each, ...figures }: ProfileWindow): Latency {
  return {
    ...figures,
    energyPerInference: {
      value: null,
      reason: 'no energy meter is configured for this node',
      method: null,
    },
  };
}
