// Attention cores on native kernels. T = B·N tokens, H = h·d.
import {
  type AttentionInput as NativeAttentionInput,
  dotAttention,
  dotAttentionGradient,
  type Inhibitor,
  inhibitorAttention,
  inhibitorAttentionGradient,
  type NativeKernels,
} from '@stillwatt/native';
import type { AttentionConfig, InhibitorAttention } from '../../models/config.ts';
import type { AttentionInput, InhibitorScalars } from '../attention.ts';
import type { Memory, NativeTensor } from './memory.ts';

interface NativeInput extends AttentionInput {
  readonly projected: NativeTensor;
}

interface AttentionSaved extends NativeInput {
  readonly context: NativeTensor;
  /** (B, h, N) of dot-product attention; the inhibitor computes its distances again. */
  readonly logSumExp: NativeTensor | null;
}

interface NativeGradient {
  readonly projected: NativeTensor;
  readonly scalars?: InhibitorScalars;
}

export function createAttention(kernels: NativeKernels, memory: Memory) {
  function dot(input: NativeInput, context: NativeTensor, keep: boolean): NativeTensor | null {
    const { batch, tokens, heads } = input.shape;
    const logSumExp = keep ? memory.allocate([batch, heads, tokens]) : null;
    dotAttention(kernels, arraysOf(input), context.values, logSumExp?.values ?? null);
    return logSumExp;
  }

  function dotGradient(saved: AttentionSaved, dContext: NativeTensor): NativeGradient {
    const projected = memory.allocate(saved.projected.shape);
    const [context, logSumExp] = [saved.context.values, saved.logSumExp!.values];
    const input = arraysOf(saved);
    dotAttentionGradient(kernels, input, context, logSumExp, dContext.values, projected.values);
    return { projected };
  }

  function inhibitorGradient(
    saved: AttentionSaved,
    config: InhibitorAttention,
    dContext: NativeTensor,
  ): NativeGradient {
    const projected = memory.allocate(saved.projected.shape);
    const inhibitor = inhibitorOf(saved, config);
    const sums = new Float32Array(2 + inhibitor.beta.length);
    inhibitorAttentionGradient(
      kernels,
      arraysOf(saved),
      dContext.values,
      projected.values,
      sums,
      inhibitor,
      config.qkGradient,
    );
    const scalars = { alpha: sums[0]!, gamma: sums[1]!, beta: sums.slice(2) };
    return { projected, scalars };
  }

  return {
    attention(
      input: NativeInput,
      keep: boolean,
    ): { context: NativeTensor; saved: AttentionSaved | null } {
      const { shape, config } = input;
      const { batch, tokens, heads, features } = shape;
      const context = memory.allocate([batch * tokens, heads * features]);
      let logSumExp: NativeTensor | null = null;
      if (config.kind === 'dot') logSumExp = dot(input, context, keep);
      else inhibitorAttention(kernels, arraysOf(input), context.values, inhibitorOf(input, config));
      return { context, saved: keep ? { ...input, context, logSumExp } : null };
    },

    attentionGradient(
      config: AttentionConfig,
      saved: AttentionSaved,
      dContext: NativeTensor,
    ): NativeGradient {
      return config.kind === 'dot'
        ? dotGradient(saved, dContext)
        : inhibitorGradient(saved, config, dContext);
    },
  };
}

function arraysOf({ projected, lengths, shape }: NativeInput): NativeAttentionInput {
  return { projected: projected.values, lengths, shape };
}

function inhibitorOf(
  { scalars }: NativeInput,
  { normalise, centerOver }: InhibitorAttention,
): Inhibitor {
  if (!scalars) throw new Error('an inhibitor layer needs its scalars');
  const { alpha, beta, gamma } = scalars;
  return {
    alpha: Float32Array.of(alpha),
    beta,
    gamma: Float32Array.of(gamma),
    normalise: normalise === 'validKeys',
    centerOverAll: centerOver === 'all',
    keyDropout: null,
  };
}
