// The stages of a run as real processes over a real store, on a toy model that learns a toy language.
import { rmSync, truncateSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planOf, openStageBench, type StageBench } from '../support/stage-bench.ts';

describe('the stages of a run', () => {
  let bench: StageBench;
  beforeAll(async () => {
    bench = await openStageBench();
  });
  afterAll(() => bench.close());

  it('makes a checked data set', async () => {
    const { summary, output } = await bench.result(bench.spec(), 'data');
    expect(summary.rows).toEqual({ train: 256, validation: 64, test: 64 });
    expect(summary.labels).toEqual(['negative', 'positive']);
    expect(output.kind).toBe('dataset');
  });

  it('trains a teacher that has learned, and says how it went', async () => {
    const spec = bench.spec();
    await bench.result(spec, 'data');
    const plan = planOf(spec, 'teacher');
    const input = bench.input(plan, bench.outputs());
    const { exit, events } = await bench.finish(await bench.start(input));
    if (exit.state !== 'succeeded') throw new Error(JSON.stringify(exit));
    expect(exit.result.summary).toMatchObject({
      steps: 48,
      model: { attention: 'dot', precision: 'f32', layers: 2 },
    });
    const losses = events.filter((event) => event.type === 'metric' && event.name === 'train/loss');
    expect(losses.map((event) => event.type === 'metric' && event.step)).toEqual(
      Array.from({ length: 48 }, (_, step) => step + 1),
    );
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)).toMatchObject({ done: 48, total: 48, unit: 'steps', etaSeconds: 0 });
    const checkpoints = events.filter((event) => event.type === 'checkpoint');
    expect(checkpoints.map(({ step }) => step)).toEqual([10, 20, 30, 40, 48]);
    expect(events.slice(-2).map((event) => event.type)).toEqual(['artifact', 'result']);

    const told = events.flatMap((event) => (event.type === 'log' ? [event.message] : []));
    expect(told[0]).toMatch(/^phase train: from step 1 of \d+$/);
    expect(told).toContainEqual(expect.stringMatching(/^\d+ steps trained, last loss \d/));
    expect(told.at(-1)).toMatch(/^computed by kernels dot-native /);

    const { provenance, peakRssBytes, cpuSeconds, wallSeconds } = exit.result;
    expect(provenance).toMatchObject({ node: process.version, threads: 1 });
    expect(provenance).toMatchObject({ tensorflow: 'not used' });
    expect(provenance.kernels).toMatch(/^dot-native linear-/);
    expect(peakRssBytes).toBeGreaterThan(50e6);
    expect(cpuSeconds).toBeGreaterThan(0);
    expect(wallSeconds).toBeGreaterThan(0);
    // Checkpoints are for unfinished stages.
    expect(await bench.store.lastCheckpoint(input.key)).toBeNull();
    const names = (await bench.store.getManifest(exit.result.output.digest)).files;
    expect(names.map(({ name }) => name).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'vocab.txt',
    ]);
  });

  it.each(['dot', 'inhibitor'] as const)(
    'takes a %s student from the teacher to its profile',
    async (attention) => {
      const spec = bench.spec({ student: { attention } });
      const run = `run_${attention}`;
      const student = await bench.result(spec, 'distill', run);
      const quantized = await bench.result(spec, 'quantize', run);
      expect(student.summary.model).toMatchObject({ attention, precision: 'f32', layers: 1 });
      expect(quantized.summary.model).toMatchObject({ attention, precision: 'int8', layers: 1 });
      expect(quantized.summary.model?.sizeBytes).toBeLessThan(
        student.summary.model?.sizeBytes ?? 0,
      );

      for (const role of ['teacher', 'student', 'quantized']) {
        const { summary, output } = await bench.result(spec, `evaluate-${role}`, run);
        expect(summary.n).toBe(64);
        // 0.5 is chance, and four deviations of 64 coin flips reach 0.75.
        expect(summary.metrics?.['accuracy']).toBeGreaterThan(0.75);
        const logits = await bench.store.getFile(output.digest, 'logits.f32');
        expect(logits.byteLength).toBe(64 * 2 * 4);
      }

      const { summary } = await bench.result(spec, 'profile-quantized', run);
      const shapes = summary.latency?.map(({ length, batch }) => [length, batch]);
      expect(shapes).toEqual([
        [8, 1],
        [8, 2],
        [16, 1],
        [16, 2],
      ]);
      for (const row of summary.latency ?? []) {
        expect(row.p50Ms).toBeGreaterThan(0);
        expect(row.p99Ms).toBeGreaterThanOrEqual(row.p95Ms);
        expect(row.energyPerInference).toEqual({
          value: null,
          reason: 'no energy meter is configured for this node',
          method: null,
        });
      }
    },
  );

  it('computes nothing twice: a finished key is answered from the store', async () => {
    const spec = bench.spec();
    const first = await bench.result(spec, 'teacher', 'run_dot');
    const input = { ...bench.input(planOf(spec, 'teacher'), bench.outputs('run_dot')) };
    const again = await bench.start({ ...input, path: 'run_other/teacher' });
    const { exit, events } = await bench.finish(again);
    expect(exit).toMatchObject({ state: 'succeeded', result: first });
    expect(events.map((event) => event.type)).toEqual(['log', 'artifact', 'result']);
  });

  const harms = {
    lost: (file: string) => rmSync(file),
    cut: (file: string) => truncateSync(file, 9),
  };
  it.each(['lost', 'cut'] as const)(
    'computes a finished key again when a file of its output is %s though its manifest is there',
    async (harm) => {
      const spec = bench.spec({ seed: 7, finetune: { maxSteps: 3 } });
      for (const [stage, file] of [
        ['teacher', 'model.safetensors'],
        ['profile-teacher', 'profile.json'],
      ] as const) {
        const before = await bench.result(spec, stage, `run_${harm}`);
        const { files } = await bench.store.getManifest(before.output.digest);
        const blob = files.find(({ name }) => name === file);
        if (!blob) throw new Error(`${stage} has no ${file}`);
        harms[harm](bench.blobFile(blob.digest));

        const input = bench.input(planOf(spec, stage), bench.outputs(`run_${harm}`));
        const path = `run_after_${harm}/${stage}`;
        const { exit, events } = await bench.finish(await bench.start({ ...input, path }));
        if (exit.state !== 'succeeded') throw new Error(JSON.stringify(exit));
        expect(events.filter((event) => event.type === 'phase')).not.toEqual([]);
        expect(exit.result.path).toBe(path);
        // Computed again is the same, bit for bit; measured again is not.
        const isMeasured = stage === 'profile-teacher';
        expect(exit.result.output.digest === before.output.digest).toBe(!isMeasured);
        const bytes = await bench.store.getFile(exit.result.output.digest, file);
        expect(bytes.byteLength).toBeGreaterThan(9);
      }
    },
  );
});
