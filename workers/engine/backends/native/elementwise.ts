// GELU, LayerNorm, dropout, the pooler's activations and addition on native kernels.
import {
  add,
  dropout,
  gelu,
  geluGradient,
  layerNorm,
  layerNormGradient,
  type NativeKernels,
  relu,
  reluGradient,
  tanh,
  tanhGradient,
} from '@stillwatt/native';
import { mix, streams } from '../../data/random.ts';
import type { DropoutKey } from '../backend.ts';
import type { Memory, NativeTensor } from './memory.ts';

/** Masks are drawn again wherever they are needed: an element is dropped by (seed, its index). */
interface NativeMask {
  readonly seed: number;
  readonly rate: number;
}

interface NormInput {
  readonly x: NativeTensor;
  readonly residual: NativeTensor | null;
  readonly mask: NativeMask | null;
}

interface NormSaved {
  readonly normalised: NativeTensor; // (T, H)
  readonly inverse: NativeTensor; // (T): 1 / deviation
  readonly mask: NativeMask | null;
}

interface NormGradient {
  readonly residual: NativeTensor;
  readonly x: NativeTensor;
  readonly weight: NativeTensor;
  readonly bias: NativeTensor;
}

const noMask: NativeMask = { seed: 0, rate: 0 };

export function createElementwise(kernels: NativeKernels, memory: Memory) {
  const like = (x: NativeTensor): NativeTensor => memory.allocate(x.shape);

  function applyMask(x: NativeTensor, mask: NativeMask | null): NativeTensor {
    if (!mask) return x;
    const y = like(x);
    dropout(kernels, x.values, y.values, mask.seed, mask.rate);
    return y;
  }

  return {
    applyMask,

    dropoutMask({ rate, seed, step, site }: DropoutKey): NativeMask {
      return { rate, seed: mix(mix(seed, streams.dropout, site), step) };
    },

    gelu(x: NativeTensor): { y: NativeTensor; saved: { x: NativeTensor } } {
      const y = like(x);
      gelu(kernels, x.values, y.values);
      return { y, saved: { x } };
    },

    geluGradient(dy: NativeTensor, { x }: { x: NativeTensor }): NativeTensor {
      const dx = like(dy);
      geluGradient(kernels, dy.values, x.values, dx.values);
      return dx;
    },

    layerNorm(
      { x, residual, mask }: NormInput,
      weight: NativeTensor,
      bias: NativeTensor,
      epsilon: number,
    ): { y: NativeTensor; saved: NormSaved } {
      const [tokens = 0, hidden = 0] = x.shape;
      const [y, normalised, inverse] = [like(x), like(x), memory.allocate([tokens])];
      const { seed, rate } = mask ?? noMask;
      layerNorm(
        kernels,
        x.values,
        residual?.values ?? null,
        seed,
        rate,
        weight.values,
        bias.values,
        epsilon,
        normalised.values,
        inverse.values,
        y.values,
        tokens,
        hidden,
      );
      return { y, saved: { normalised, inverse, mask } };
    },

    layerNormGradient(
      dy: NativeTensor,
      { normalised, inverse, mask }: NormSaved,
      weight: NativeTensor,
    ): NormGradient {
      const [tokens = 0, hidden = 0] = dy.shape;
      const residual = like(dy);
      const x = mask ? like(dy) : residual;
      const gradient = { weight: memory.allocate([hidden]), bias: memory.allocate([hidden]) };
      const { seed, rate } = mask ?? noMask;
      layerNormGradient(
        kernels,
        dy.values,
        normalised.values,
        inverse.values,
        weight.values,
        seed,
        rate,
        residual.values,
        mask ? x.values : null,
        gradient.weight.values,
        gradient.bias.values,
        tokens,
        hidden,
      );
      return { residual, x, ...gradient };
    },

    activate(kind: 'tanh' | 'relu', x: NativeTensor): NativeTensor {
      const y = like(x);
      (kind === 'tanh' ? tanh : relu)(kernels, x.values, y.values);
      return y;
    },

    activateGradient(kind: 'tanh' | 'relu', dy: NativeTensor, y: NativeTensor): NativeTensor {
      const dx = like(dy);
      (kind === 'tanh' ? tanhGradient : reluGradient)(kernels, dy.values, y.values, dx.values);
      return dx;
    },

    add(a: NativeTensor, b: NativeTensor): NativeTensor {
      const y = like(a);
      add(kernels, a.values, b.values, y.values);
      return y;
    },
  };
}
