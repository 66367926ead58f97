// The backend on tfjs-node: operations of libtensorflow, and a JavaScript kernel for the inhibitor.
// TensorFlow's own threads are the process's TF_NUM_INTRAOP_THREADS.
import * as tf from '@tensorflow/tfjs-node';
import type { Backend, BackendOptions } from '../backend.ts';
import { activate, activateGradient } from './activation.ts';
import { TfjsAdamW } from './adamw.ts';
import { alignLoss } from './align-loss.ts';
import { dotAttention } from './dot-attention.ts';
import { applyMask, dropoutMask } from './dropout.ts';
import { gelu, geluGradient } from './gelu.ts';
import { InhibitorAttention } from './inhibitor-attention.ts';
import { InhibitorThreads } from './inhibitor-threads.ts';
import { int8Linear, uploadInt8 } from './int8-linear.ts';
import { createRegistry, type KernelInput } from './kernel.ts';
import { layerNorm, layerNormGradient } from './layer-norm.ts';
import { linear, linearInputGradient, linearWeightGradient } from './linear.ts';
import { tensorflowVersion } from './operations.ts';
import { dispose, scope } from './scope.ts';
import { embed, embedGradient, firstTokens, spreadFirstTokens } from './tokens.ts';

/** `threads` of the JavaScript kernel, this one included; bits do not depend on them. */
export async function open({ threads }: BackendOptions): Promise<Backend> {
  const inhibitorThreads = new InhibitorThreads(threads);
  await inhibitorThreads.ready();
  const inhibitorAttention = new InhibitorAttention(inhibitorThreads);
  const kernelOf = createRegistry([dotAttention, inhibitorAttention]);
  let depth = 0;
  return {
    describe({ attention, quantization }) {
      const linearKernel = quantization === null ? 'linear-tfjs' : 'int8-linear-tfjs';
      const kernels = `${kernelOf(attention.kind).name} ${linearKernel}`;
      return { tensorflow: tensorflowVersion(), kernels };
    },
    kernels: null,
    close: () => inhibitorThreads.close(),
    upload: (values, shape) => tf.tensor(values, [...shape]),
    read: (x: tf.Tensor) => x.dataSync() as Float32Array,
    scope(compute) {
      depth++;
      try {
        return scope(compute);
      } finally {
        if (--depth === 0) inhibitorAttention.releaseKept();
      }
    },
    keep: (x: tf.Tensor) => tf.keep(x),
    dispose,
    tensorCount: () => tf.memory().numTensors,
    linear,
    linearInputGradient,
    linearWeightGradient,
    uploadInt8,
    int8Linear,
    gelu,
    geluGradient,
    layerNorm,
    layerNormGradient,
    dropoutMask,
    applyMask,
    activate,
    activateGradient,
    add: (a: tf.Tensor, b: tf.Tensor) => tf.add(a, b),
    attention(input, keep) {
      if (keep && depth === 0) throw new Error('a pass for a gradient runs inside a scope');
      return kernelOf(input.config.kind).forward(input as KernelInput, keep);
    },
    attentionGradient: (config, saved, dContext: tf.Tensor) =>
      kernelOf(config.kind).gradient(saved, dContext),
    embed,
    embedGradient,
    firstTokens,
    spreadFirstTokens,
    alignLoss,
    adamW: (weights) => new TfjsAdamW(weights),
  };
}
