// What the compiled library exports: the same names and order as in `binding/src`.
import type { AttentionBinding } from './binding/attention.ts';
import type { EncoderBinding } from './binding/encoder.ts';
import type { LinearBinding } from './binding/linear.ts';
import type { TrainingBinding } from './binding/training.ts';

export type { EncoderDescription, NativeCancellation, NativeEncoder } from './binding/encoder.ts';
export type { PackedFloat } from './binding/linear.ts';

export interface VariantState {
  readonly name: string;
  /** Features of the CPU that it needs and that are not there; empty where it runs. */
  readonly missing: readonly string[];
}

export interface NativeKernels extends AttentionBinding, LinearBinding, TrainingBinding {
  readonly variant: string;
  readonly threads: number;
}

export interface NativeBinding extends EncoderBinding {
  variants(): VariantState[];
  readonly NativeKernels: new (variant: string | null, threads: number) => NativeKernels;
}
