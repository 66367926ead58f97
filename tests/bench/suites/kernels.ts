// Attention cores between the projections. h heads of d features; q, k, v are normal numbers of a fixed seed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dotAttention, inhibitorAttention } from '@stillwatt/native';
import { randomNormals } from '../../../workers/engine/data/random.ts';
import {
  dotReference,
  inhibitorReference,
} from '../../../workers/engine/backends/reference/attention.ts';
import { timeHere } from '../measure.ts';
import { openInPeer } from '../peers/process.ts';
import { scalars, shape as size } from '../random-model.ts';
import type { AttentionKind, Contender, Opened, Shape, Workbench } from '../types.ts';
import { createMemory } from '../workbench.ts';

const { heads, features, hidden } = size;
const inhibitor = {
  kind: 'inhibitor',
  normalise: 'validKeys',
  centerOver: 'valid',
  qkGradient: 'sign',
} as const;
const learned = { ...scalars, beta: new Float32Array(heads).fill(scalars.beta) };

export const cores: Contender[] = [
  core('stillwatt', 'dot', openNative),
  core('stillwatt', 'inhibitor', openNative),
  { ...core('pytorch', 'dot', openTorch), needs: 'python' },
  { ...core('pytorch', 'inhibitor', openTorch), needs: 'python' },
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
    operations: countCore,
  };
}

/** A multiplication with an addition for q·k and for w·v; the inhibitor as many steps of its own kind. */
export function countCore({ batch, tokens }: Shape): number {
  return 4 * batch * tokens ** 2 * hidden;
}

const remember = createMemory();

/** (B·N, 3·H): query, key and value side by side. */
export function drawProjected({ batch, tokens }: Shape): Float32Array {
  return remember(`projected ${batch} ${tokens}`, () => {
    const next = randomNormals(tokens, batch);
    return Float32Array.from({ length: batch * tokens * 3 * hidden }, () => 0.5 * next());
  });
}

export function expectedContext(attention: AttentionKind, shape: Shape): Float64Array {
  return remember(`${attention} ${shape.batch} ${shape.tokens}`, () => {
    const sizes = { batch: shape.batch, tokens: shape.tokens, heads, features };
    const lengths = new Int32Array(shape.batch).fill(shape.tokens);
    const projected = drawProjected(shape);
    if (attention === 'dot') return dotReference(sizes, projected, lengths);
    return inhibitorReference(sizes, projected, lengths, inhibitor, learned);
  });
}

/** As the library takes them. */
export const nativeInhibitor = {
  alpha: Float32Array.of(learned.alpha),
  beta: learned.beta,
  gamma: Float32Array.of(learned.gamma),
  normalise: true,
  centerOverAll: false,
  keyDropout: null,
};

export function attentionSizes({ batch, tokens }: Shape) {
  const lengths = new Int32Array(batch).fill(tokens);
  return { lengths, shape: { batch, tokens, heads, features } };
}

async function openNative(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const kernels = bench.kernels();
  return {
    version: `native, ${kernels.variant}`,
    async subject(shape) {
      const input = { projected: drawProjected(shape), ...attentionSizes(shape) };
      const context = new Float32Array(shape.batch * shape.tokens * hidden);
      const run = (): Float32Array => {
        if (attention === 'dot') dotAttention(kernels, input, context, null);
        else inhibitorAttention(kernels, input, context, nativeInhibitor);
        return context;
      };
      return { output: async () => run(), time: (calls) => timeHere(calls, run) };
    },
    close: async () => undefined,
  };
}

async function openTorch(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const python = bench.peer('python');
  const { torch, threads } = await python.ask<Record<string, string>>('versions');
  const name = `${attention} core`;
  return openInPeer(python, name, `torch ${torch} with ${threads} threads`, (shape) =>
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
export function writeHeads(bench: Workbench, shape: Shape): string {
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
