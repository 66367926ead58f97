// int8 attention cores on the same projections: whole, from f32 to f32; and on heads that are packed already.
import { createKernels, int8DotAttention, int8InhibitorAttention } from '@stillwatt/native';
import { timeHere } from '../measure.ts';
import { openInPeer } from '../peers/process.ts';
import { scalars, shape as size } from '../random-model.ts';
import type { AttentionKind, Contender, Opened, Shape, Workbench } from '../types.ts';
import {
  attentionSizes,
  countCore,
  drawProjected,
  expectedContext,
  nativeInhibitor,
  writeHeads,
} from './kernels.ts';

/** As far from f32 as the kernels' own tests allow for values of this kind: of the context's length. */
const tolerance = { relative: 0.02 };

export const int8Cores: Contender[] = [
  core('stillwatt int8 dot core', 'dot', openNative),
  core('stillwatt int8 inhibitor core', 'inhibitor', openNative),
  packed('stillwatt int8 dot core, packed', 'dot', 'dot'),
  packed('stillwatt int8 inhibitor core, packed', 'inhibitor', 'inhibitor'),
  packed('prototype int8 dot core, packed', 'dot', 'prototype'),
];

function core(
  name: string,
  attention: AttentionKind,
  open: (bench: Workbench, attention: AttentionKind) => Promise<Opened>,
): Contender {
  return {
    name,
    suite: 'kernels',
    group: 'int8 attention core',
    precision: 'int8',
    unit: 'seconds',
    open: (bench) => open(bench, attention),
    check: { expected: async (_, shape) => expectedContext(attention, shape), tolerance },
    operations: countCore,
  };
}

/** With quantization of the projections and the layer's scatter of heads. */
async function openNative(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const kernels = bench.kernels();
  return {
    version: `native, ${kernels.variant}`,
    async subject(shape) {
      const input = { projected: drawProjected(shape), ...attentionSizes(shape) };
      const context = new Float32Array(shape.batch * shape.tokens * size.hidden);
      const run = (): Float32Array => {
        if (attention === 'dot') int8DotAttention(kernels, input, context);
        else int8InhibitorAttention(kernels, input, context, nativeInhibitor);
        return context;
      };
      return { output: async () => run(), time: (calls) => timeHere(calls, run) };
    },
    close: async () => undefined,
  };
}

/** What the prototype was measured as: heads are bytes already, one thread, one sequence. */
function packed(name: string, attention: AttentionKind, kind: string): Contender {
  return {
    ...core(name, attention, (bench) => openPacked(bench, name, kind)),
    needs: 'prototype',
    fits: ({ batch, tokens, threads }) => batch === 1 && threads === 1 && tokens % 16 === 0,
  };
}

async function openPacked(bench: Workbench, name: string, core: string): Promise<Opened> {
  createKernels({ variant: 'avx512-vnni', threads: 1 }); // names the feature that the CPU lacks
  const peer = bench.peer('prototype');
  const version = core === 'prototype' ? 'written anew in kernels/examples' : 'native, fastest';
  return openInPeer(peer, name, version, (shape: Shape) =>
    peer.ask('place', {
      name,
      core,
      file: writeHeads(bench, shape),
      heads: size.heads,
      tokens: shape.tokens,
      scalars,
    }),
  );
}
