// Encoder forward: token ids to logits, of every implementation, attention and precision.
import { forward } from '../../../workers/engine/models/encoder.ts';
import { uploadWeights } from '../../../workers/engine/models/weights.ts';
import { saveModel } from '@stillwatt/engine';
import { createEncoder } from '@stillwatt/native';
import { timeHere } from '../measure.ts';
import { openOnnx, type Waiting } from '../peers/onnxruntime.ts';
import { openInPeer } from '../peers/process.ts';
import { classes, scalars, shape as size } from '../random-model.ts';
import type { AttentionKind, Contender, Opened, Shape, Workbench } from '../types.ts';
import { createMemory, drawIds } from '../workbench.ts';

type Precision = 'f32' | 'int8';
type Make = (bench: Workbench, attention: AttentionKind, precision: Precision) => Promise<Opened>;

/** The inhibitor of rivals is 5 to 20 times slower than the rest: short texts show it well enough. */
const isShort = ({ batch, tokens }: Shape): boolean => batch * tokens <= 128;
/** f32 has no goal beyond these tokens, and takes seconds there; int8 rivals have none beyond those. */
const fitsFloat = ({ batch, tokens }: Shape): boolean => batch * tokens <= 512;
const fitsRival = ({ batch, tokens }: Shape): boolean => batch * tokens <= 1024;

export const encoders: Contender[] = [
  { ...encoder('stillwatt', 'f32', 'dot', openNative), fits: fitsFloat },
  { ...encoder('stillwatt', 'f32', 'inhibitor', openNative), fits: fitsFloat },
  ...onnx('f32', 'dot', fitsFloat),
  ...onnx('f32', 'inhibitor', isShort),
  { ...encoder('pytorch', 'f32', 'dot', openTorch), needs: 'python', fits: fitsFloat },
  { ...encoder('pytorch', 'f32', 'inhibitor', openTorch), needs: 'python', fits: isShort },
  encoder('stillwatt', 'int8', 'dot', openNative),
  encoder('stillwatt', 'int8', 'inhibitor', openNative),
  ...onnx('int8', 'dot', fitsRival),
  { ...encoder('pytorch', 'int8', 'dot', openTorch), needs: 'python', fits: fitsRival },
];

/** As its threads wait by default, and with more threads than one in the other way too. */
function onnx(
  precision: Precision,
  attention: AttentionKind,
  fits: (shape: Shape) => boolean,
): Contender[] {
  const make = (waiting: Waiting) =>
    encoder('onnxruntime', precision, attention, (bench) =>
      openOnnxEncoder(bench, attention, precision, waiting),
    );
  const blocking = make('blocking');
  return [
    { ...make('spinning'), fits },
    {
      ...blocking,
      name: `${blocking.name}, blocking`,
      fits: (shape) => shape.threads > 1 && fits(shape),
    },
  ];
}

function encoder(
  who: string,
  precision: Precision,
  attention: AttentionKind,
  make: Make,
): Contender {
  return {
    name: `${who} ${precision} ${attention} encoder`,
    suite: 'model',
    group: `${precision} encoder`,
    precision,
    open: async (bench) => answerInPart(await make(bench, attention, precision)),
    // Each int8 rounds in its own way, which moves logits by 0.03 (ours) to 0.16 (one scale for a whole batch)
    // of their length; those of the other attention are at 0.5 or more, those of none beyond 1. That ours
    // is exact to its integer reference is tested with the kernels.
    check: {
      expected: (bench, shape) => expectedLogits(bench, attention, shape),
      tolerance: precision === 'f32' ? { atol: 1e-4, rtol: 0 } : { relative: 0.3 },
    },
    unit: 'seconds',
    operations: countOperations,
  };
}

/** Sequences of a batch that are checked: the reference takes seconds for a long one. */
function checkedRows({ batch }: Shape): number[] {
  return batch === 1 ? [0] : [0, batch - 1];
}

function answerInPart(opened: Opened): Opened {
  return {
    ...opened,
    async subject(shape) {
      const subject = await opened.subject(shape);
      return {
        ...subject,
        async output() {
          const logits = Array.from(await subject.output());
          const row = (at: number): number[] => logits.slice(at * classes, (at + 1) * classes);
          return checkedRows(shape).flatMap(row);
        },
      };
    },
  };
}

/** The encoder runtime on native kernels. */
async function openNative(
  bench: Workbench,
  attention: AttentionKind,
  precision: Precision,
): Promise<Opened> {
  const model = bench.model(attention, precision);
  const files = saveModel(model);
  const kernels = bench.kernels();
  const encoder = await createEncoder(kernels, {
    config: files.get('config.json')!,
    weights: files.get('model.safetensors')!,
  });
  return {
    version: `encoder runtime, ${kernels.variant}`,
    async subject(shape) {
      const ids = drawIds(shape, model.config.vocabulary);
      const lengths = new Int32Array(shape.batch).fill(shape.tokens);
      const run = () => encoder.run({ ids, lengths });
      return { output: run, time: (calls) => timeHere(calls, run) };
    },
    close: async () => encoder.dispose(),
  };
}

async function openOnnxEncoder(
  bench: Workbench,
  attention: AttentionKind,
  precision: Precision,
  waiting: Waiting,
): Promise<Opened> {
  const model = bench.model(attention, precision);
  return openOnnx(model, precision, bench.threads, waiting, (shape) =>
    drawIds(shape, model.config.vocabulary),
  );
}

async function openTorch(
  bench: Workbench,
  attention: AttentionKind,
  precision: Precision,
): Promise<Opened> {
  const python = bench.peer('python');
  const { vocabulary } = bench.model(attention).config;
  const name = `${precision} ${attention} encoder`;
  const config = torchConfig(bench, attention);
  const weights = bench.weightsFile(attention);
  await python.ask('open_encoder', { name, weights, config, precision });
  const { torch, threads, quantized } = await python.ask<Record<string, string>>('versions');
  const version = `torch ${torch} with ${threads} threads${precision === 'int8' ? `, torch.ao ${quantized}` : ''}`;
  return openInPeer(python, name, version, (shape) => {
    const ids = rowsOf(drawIds(shape, vocabulary), shape);
    return python.ask('place_encoder', { name, encoder: name, ids });
  });
}

export function torchConfig(bench: Workbench, attention: AttentionKind): object {
  const { vocabulary, positions } = bench.model(attention).config;
  return {
    ...size,
    vocabulary,
    positions,
    labels: classes,
    scalars: attention === 'inhibitor' ? scalars : null,
  };
}

export function rowsOf(ids: Int32Array, { batch, tokens }: Shape): number[][] {
  return Array.from({ length: batch }, (_, row) => [
    ...ids.subarray(row * tokens, (row + 1) * tokens),
  ]);
}

/** A batch without padding. */
export function batchOf({ batch, tokens }: Shape, ids: Int32Array) {
  const lengths = new Int32Array(batch).fill(tokens);
  const types = new Int32Array(ids.length);
  return { batch, tokens, ids, types, lengths, labels: new Float32Array(batch) };
}

const remember = createMemory();

/** The engine in f32 on tfjs, one sequence at a time: what a batch computes must not depend on it. */
function expectedLogits(
  bench: Workbench,
  attention: AttentionKind,
  shape: Shape,
): Promise<number[]> {
  return remember(`${attention} ${shape.batch} ${shape.tokens}`, async () => {
    const model = bench.model(attention);
    const ids = drawIds(shape, model.config.vocabulary);
    const backend = await bench.backend('tfjs');
    const weights = uploadWeights(backend, model);
    const logits: number[] = [];
    for (const row of checkedRows(shape)) {
      const part = ids.subarray(row * shape.tokens, (row + 1) * shape.tokens);
      const alone = batchOf({ ...shape, batch: 1 }, part);
      const read = () => backend.read(forward(model.config, weights, alone).head!.logits);
      logits.push(...backend.scope(read));
    }
    weights.dispose();
    return logits;
  });
}

/** Products of the linear layers and of attention; after the last attention the first tokens alone. */
export function countOperations({ batch, tokens }: Shape): number {
  const { layers, hidden, intermediate } = size;
  const all = batch * tokens;
  const projections = 6 * hidden ** 2 * layers * all;
  const attention = 4 * tokens * hidden * layers * all;
  const rest = (2 * hidden ** 2 + 4 * hidden * intermediate) * ((layers - 1) * all + batch);
  return projections + attention + rest;
}
