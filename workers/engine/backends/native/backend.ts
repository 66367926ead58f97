// The backend on native kernels: tensors are typed arrays, every operation one call into Rust.
import { alignLoss, createKernels } from '@stillwatt/native';
import type { Backend, BackendOptions } from '../backend.ts';
import { NativeAdamW } from './adamw.ts';
import { createAttention } from './attention.ts';
import { createElementwise } from './elementwise.ts';
import { createLinear } from './linear.ts';
import { Memory, type NativeTensor } from './memory.ts';
import { createTokens } from './tokens.ts';

/** Bits do not depend on the threads. */
export function open(options: BackendOptions): Promise<Backend> {
  const kernels = createKernels(options);
  const memory = new Memory();
  const backend: Backend = {
    describe({ attention, quantization }) {
      const linear = quantization === null ? `linear-${kernels.gemm}` : 'int8-linear';
      const names = `${attention.kind}-native ${linear} ${kernels.variant}`;
      return { tensorflow: 'not used', kernels: names };
    },
    kernels,
    close: () => Promise.resolve(),
    upload: (values, shape) => memory.place(values, shape),
    read: (x: NativeTensor) => x.values.slice(),
    scope: (compute) => memory.scope(compute),
    keep: (x: NativeTensor) => memory.keep(x),
    dispose: (held) => memory.dispose(held),
    tensorCount: () => memory.count(),
    ...createLinear(kernels, memory),
    ...createElementwise(kernels, memory),
    ...createAttention(kernels, memory),
    ...createTokens(kernels, memory),
    alignLoss(student: NativeTensor, teacher: NativeTensor, lengths, weight) {
      const [rows = 0, hidden = 0] = student.shape;
      const batch = lengths.length;
      const gradient = memory.allocate(student.shape);
      const value = alignLoss(
        kernels,
        student.values,
        teacher.values,
        lengths,
        batch,
        rows / batch,
        hidden,
        weight,
        gradient.values,
      );
      return { value, gradient };
    },
    adamW: (weights) => new NativeAdamW(kernels, memory, weights),
  };
  return Promise.resolve(backend);
}
