// Attention cores between the projections. h heads of d features; q, k, v are normal numbers of a fixed seed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AttentionInput,
  dotAttention,
  inhibitorAttention,
  type NativeKernels,
} from '@stillwatt/native';
import { randomNormals } from '../../../workers/engine/data/random.ts';
import {
  dotReference,
  inhibitorReference,
} from '../../../workers/engine/backends/reference/attention.ts';
import { timeHere } from '../measure.ts';
import { openInPeer } from '../peers/process.ts';
import { scalars, shape as size } from '../random-model.ts';
import type { AttentionKind, Closeness, Contender, Opened, Shape, Workbench } from '../types.ts';
import { createMemory } from '../workbench.ts';

const { heads, features, hidden } = size;
const inhibitor = {
  kind: 'inhibitor',
  normalise: 'validKeys',
  centerOver: 'valid',
  qkGradient: 'sign',
} as const;
const learned = { ...scalars, beta: new Float32Array(heads).fill(scalars.beta) };

type OpenCore = (bench: Workbench, attention: AttentionKind) => Promise<Opened>;

const f32 = {
  group: 'attention core',
  precision: 'f32',
  tolerance: { atol: 2e-5, rtol: 1e-4 },
} as const;
const openNative = nativeCore({
  dot: (kernels, input, context) => dotAttention(kernels, input, context, null),
  inhibitor: (kernels, input, context) =>
    inhibitorAttention(kernels, input, context, nativeInhibitor),
});

export const cores: Contender[] = [
  core('stillwatt f32 dot core', 'dot', openNative, f32),
  core('stillwatt f32 inhibitor core', 'inhibitor', openNative, f32),
  { ...core('pytorch f32 dot core', 'dot', openTorch, f32), needs: 'python' },
  { ...core('pytorch f32 inhibitor core', 'inhibitor', openTorch, f32), needs: 'python' },
];

/** From the same projections to a context that is checked against plain loops. */
export function core(
  name: string,
  attention: AttentionKind,
  open: OpenCore,
  {
    tolerance,
    ...kind
  }: Pick<Contender, 'group' | 'precision'> & { readonly tolerance: Closeness },
): Contender {
  return {
    ...kind,
    name,
    suite: 'kernels',
    unit: 'seconds',
    open: (bench) => open(bench, attention),
    check: { expected: async (_, shape) => expectedContext(attention, shape), tolerance },
    operations: countCore,
  };
}

/** A multiplication with an addition for q·k and for w·v; the inhibitor as many steps of its own kind. */
function countCore({ batch, tokens }: Shape): number {
  return 4 * batch * tokens ** 2 * hidden;
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

/** As the library takes them. */
export const nativeInhibitor = {
  alpha: Float32Array.of(learned.alpha),
  beta: learned.beta,
  gamma: Float32Array.of(learned.gamma),
  normalise: true,
  centerOverAll: false,
  keyDropout: null,
};

function attentionSizes({ batch, tokens }: Shape) {
  const lengths = new Int32Array(batch).fill(tokens);
  return { lengths, shape: { batch, tokens, heads, features } };
}

/** Opens what the library exports for each attention. */
export function nativeCore(
  attend: Readonly<
    Record<
      AttentionKind,
      (kernels: NativeKernels, input: AttentionInput, context: Float32Array) => void
    >
  >,
): OpenCore {
  return async (bench, attention) => {
    const kernels = bench.kernels();
    return {
      version: `native, ${kernels.variant}`,
      async subject(shape) {
        const input = { projected: drawProjected(shape), ...attentionSizes(shape) };
        const context = new Float32Array(shape.batch * shape.tokens * hidden);
        const run = (): Float32Array => {
          attend[attention](kernels, input, context);
          return context;
        };
        return { output: async () => run(), time: (calls) => timeHere(calls, run) };
      },
      close: async () => undefined,
    };
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
