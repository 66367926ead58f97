// Linear layers on native kernels. x (T, I), W (O, I), b (O), y (T, O).
import {
  int8Linear,
  linear,
  linearInputGradient,
  linearWeightGradient,
  type NativeKernels,
  packInt8,
  type PackedInt8,
} from '@stillwatt/native';
import type { Memory, NativeTensor } from './memory.ts';

export function createLinear(kernels: NativeKernels, memory: Memory) {
  return {
    linear(x: NativeTensor, weight: NativeTensor, bias: NativeTensor): NativeTensor {
      const [rows, inputs, outputs] = sizes(x, weight);
      const y = memory.allocate([rows, outputs]);
      const { values } = weight;
      linear(kernels, x.values, values, bias.values, y.values, rows, inputs, outputs);
      return y;
    },

    linearInputGradient(dy: NativeTensor, weight: NativeTensor): NativeTensor {
      const [outputs = 0, inputs = 0] = weight.shape;
      const rows = dy.shape[0] ?? 0;
      const dx = memory.allocate([rows, inputs]);
      const { values } = weight;
      linearInputGradient(kernels, dy.values, values, dx.values, rows, inputs, outputs, false);
      return dx;
    },

    linearWeightGradient(
      dy: NativeTensor,
      x: NativeTensor,
    ): { weight: NativeTensor; bias: NativeTensor } {
      const [rows = 0, outputs = 0] = dy.shape;
      const inputs = x.shape[1] ?? 0;
      const weight = memory.allocate([outputs, inputs]);
      const bias = memory.allocate([outputs]);
      const [dWeight, dBias] = [weight.values, bias.values];
      linearWeightGradient(kernels, dy.values, x.values, dWeight, dBias, rows, inputs, outputs);
      return { weight, bias };
    },

    uploadInt8(values: Int8Array, scales: Float32Array, shape: readonly number[]): PackedInt8 {
      const [outputs = 0, inputs = 0] = shape;
      return packInt8(kernels, values, scales, outputs, inputs);
    },

    int8Linear(x: NativeTensor, weight: PackedInt8, bias: NativeTensor): NativeTensor {
      const rows = x.shape[0] ?? 0;
      const y = memory.allocate([rows, weight.outputs]);
      int8Linear(kernels, x.values, weight, bias.values, y.values, rows);
      return y;
    },
  };
}

function sizes(x: NativeTensor, weight: NativeTensor): [number, number, number] {
  const [rows = 0, inputs = 0] = x.shape;
  return [rows, inputs, weight.shape[0] ?? 0];
}
