// What the compiled library exports: the same names and order as in `binding/src`.
import type { AttentionBinding } from './binding/attention.ts';
import type { EncoderBinding, NativeCancellation } from './binding/encoder.ts';
import type { Int8Binding } from './binding/int8.ts';
import type { LinearBinding } from './binding/linear.ts';
import type { PeakBinding } from './binding/peak.ts';
import type { TrainingBinding } from './binding/training.ts';

export type { EncoderDescription, NativeEncoder } from './binding/encoder.ts';
export type { PackedInt8 } from './binding/int8.ts';
export type { PackedFloat } from './binding/linear.ts';

export interface VariantState {
  readonly name: string;
  /** Features of the CPU that it needs and that are not there; empty where it runs. */
  readonly missing: readonly string[];
}

/** Operations whose arguments are those of our own functions: see create-operation.ts. */
export type Methods = LinearBinding & TrainingBinding;

export interface NativeKernels
  extends
    AttentionBinding,
    EncoderBinding,
    Int8Binding,
    LinearBinding,
    PeakBinding,
    TrainingBinding {
  readonly variant: string;
  readonly threads: number;
  /** What multiplies f32 matrices. */
  readonly gemm: string;
}

export interface NativeBinding {
  variants(): VariantState[];
  readonly NativeCancellation: new () => NativeCancellation;
  readonly NativeKernels: new (variant: string | null, threads: number) => NativeKernels;
}
