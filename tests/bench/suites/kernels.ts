// Attention cores between the projections. h heads of d features; q, k, v are normal numbers of a fixed seed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttentionConfig } from '@stillwatt/engine';
import { randomNormals } from '../../../workers/engine/data/random.ts';
import {
  dotReference,
  inhibitorReference,
} from '../../../workers/engine/backends/reference/attention.ts';
import type { Tensor } from '../../../workers/engine/backends/tensor.ts';
import { timeHere } from '../measure.ts';
import { openInPython } from '../peers/python.ts';
import { scalars, shape as size } from '../random-model.ts';
import type { AttentionKind, Contender, Opened, Shape, Workbench } from '../types.ts';
import { createMemory } from '../workbench.ts';
import { describeBackend } from './model.ts';

const { heads, features, hidden } = size;
const inhibitor = {
  kind: 'inhibitor',
  normalise: 'validKeys',
  centerOver: 'valid',
  qkGradient: 'sign',
} as const;
const configs: Record<AttentionKind, AttentionConfig> = { dot: { kind: 'dot' }, inhibitor };
const learned = { ...scalars, beta: new Float32Array(heads).fill(scalars.beta) };

export const cores: Contender[] = [
  core('stillwatt', 'dot', openEngine),
  core('stillwatt', 'inhibitor', openEngine),
  { ...core('pytorch', 'dot', openTorch), needsPython: true },
  { ...core('pytorch', 'inhibitor', openTorch), needsPython: true },
];

function core(
  who: string,
  attention: AttentionKind,
  make: (bench: Workbench, attention: AttentionKind) => Promise<Opened>,
): Contender {
  return {
    name: `${who} f32 ${attention} core`,
    suite: 'kernels',
    group: 'attention core',
    precision: 'f32',
    unit: 'seconds',
    open: (bench) => make(bench, attention),
    check: {
      expected: async (_, shape) => expectedContext(attention, shape),
      tolerance: { atol: 2e-5, rtol: 1e-4 },
    },
    // A multiplication with an addition for q·k and for w·v; the inhibitor as many steps of its own kind.
    operations: ({ batch, tokens }) => 4 * batch * tokens ** 2 * hidden,
  };
}

const remember = createMemory();

/** (B·N, 3·H): query, key and value side by side. */
function drawProjected({ batch, tokens }: Shape): Float32Array {
  return remember(`projected ${batch} ${tokens}`, () => {
    const next = randomNormals(tokens, batch);
    return Float32Array.from({ length: batch * tokens * 3 * hidden }, () => 0.5 * next());
  });
}

function expectedContext(attention: AttentionKind, shape: Shape): Float64Array {
  return remember(`${attention} ${shape.batch} ${shape.tokens}`, () => {
    const sizes = { batch: shape.batch, tokens: shape.tokens, heads, features };
    const lengths = new Int32Array(shape.batch).fill(shape.tokens);
    const projected = drawProjected(shape);
    if (attention === 'dot') return dotReference(sizes, projected, lengths);
    return inhibitorReference(sizes, projected, lengths, inhibitor, learned);
  });
}

async function openEngine(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const backend = await bench.backend();
  const placed: Tensor[] = [];
  return {
    version: describeBackend(backend, bench.model(attention)),
    async subject(shape) {
      const { batch, tokens } = shape;
      const projected = backend.upload(drawProjected(shape), [batch * tokens, 3 * hidden]);
      placed.push(projected);
      const input = {
        shape: { batch, tokens, heads, features },
        projected,
        lengths: new Int32Array(batch).fill(tokens),
        config: configs[attention],
        scalars: attention === 'dot' ? undefined : learned,
      };
      const run = (): Float32Array =>
        backend.scope(() => backend.read(backend.attention(input, false).context));
      return { output: async () => run(), time: (calls) => timeHere(calls, run) };
    },
    close: async () => backend.dispose(placed),
  };
}

async function openTorch(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const python = bench.python();
  const { torch } = await python.ask<Record<string, string>>('versions');
  const name = `${attention} core`;
  return openInPython(python, name, `torch ${torch}`, (shape) =>
    python.ask('place_core', {
      name,
      kind: attention,
      file: writeHeads(bench, shape),
      shape: [shape.batch, heads, shape.tokens, features],
      scalars,
    }),
  );
}

/** q, k and v as (B, h, N, d), one after the other: the order that PyTorch likes best. */
function writeHeads(bench: Workbench, shape: Shape): string {
  const { batch, tokens } = shape;
  const from = drawProjected(shape);
  const file = join(bench.folder, `heads-${batch}-${tokens}.f32`);
  const out = new Float32Array(from.length);
  for (let row = 0; row < batch * tokens; row++) {
    for (let column = 0; column < 3 * hidden; column++) {
      const [part, head] = [Math.floor(column / hidden), Math.floor((column % hidden) / features)];
      const item = (part * batch + Math.floor(row / tokens)) * heads + head;
      const at = (item * tokens + (row % tokens)) * features + (column % features);
      out[at] = from[row * 3 * hidden + column]!;
    }
  }
  writeFileSync(file, out);
  return file;
}
