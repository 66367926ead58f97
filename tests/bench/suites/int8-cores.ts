// int8 attention cores on the same projections: whole, from f32 to f32; and on heads that are packed already.
import { createKernels, int8DotAttention, int8InhibitorAttention } from '@stillwatt/native';
import { openInPeer } from '../peers/process.ts';
import { scalars, shape as size } from '../random-model.ts';
import type { AttentionKind, Contender, Opened, Shape, Workbench } from '../types.ts';
import { core, nativeCore, nativeInhibitor, writeHeads } from './kernels.ts';

/** As far from f32 as the kernels' own tests allow for values of this kind: of the context's length. */
const int8 = {
  group: 'int8 attention core',
  precision: 'int8',
  tolerance: { relative: 0.02 },
} as const;
/** With quantization of the projections and the layer's scatter of heads. */
const openNative = nativeCore({
  dot: int8DotAttention,
  inhibitor: (kernels, input, context) =>
    int8InhibitorAttention(kernels, input, context, nativeInhibitor),
});

export const int8Cores: Contender[] = [
  core('stillwatt int8 dot core', 'dot', openNative, int8),
  core('stillwatt int8 inhibitor core', 'inhibitor', openNative, int8),
  packed('stillwatt int8 dot core, packed', 'dot', 'dot'),
  packed('stillwatt int8 inhibitor core, packed', 'inhibitor', 'inhibitor'),
  packed('prototype int8 dot core, packed', 'dot', 'prototype'),
];

/** What the prototype was measured as: heads are bytes already, one thread, one sequence. */
function packed(name: string, attention: AttentionKind, kind: string): Contender {
  return {
    ...core(name, attention, (bench) => openPacked(bench, name, kind), int8),
    needs: 'prototype',
    fits: ({ batch, tokens, threads }) => batch === 1 && threads === 1 && tokens % 16 === 0,
  };
}

async function openPacked(bench: Workbench, name: string, kind: string): Promise<Opened> {
  createKernels({ variant: 'avx512-vnni', threads: 1 }); // names the feature that the CPU lacks
  const peer = bench.peer('prototype');
  const version = kind === 'prototype' ? 'written anew in kernels/examples' : 'native, fastest';
  return openInPeer(peer, name, version, (shape: Shape) =>
    peer.ask('place', {
      name,
      core: kind,
      file: writeHeads(bench, shape),
      heads: size.heads,
      tokens: shape.tokens,
      scalars,
    }),
  );
}
