// Embeddings, losses and the optimiser of a training step on native kernels.
// All: INPUT_INVALID for a wrong length, shared memory, or outputs that overlap other arrays.
import { checkFloats, checkIntegers, checkSizes, refuse } from './arrays.ts';
import type { NativeKernels } from './binding.ts';
import { explain } from './failure.ts';

/** y (T, H) = table (V, H) at ids (T), or with `accumulate` y += it. INPUT_INVALID for an unknown id. */
export function embeddingGather(
  kernels: NativeKernels,
  table: Float32Array,
  ids: Int32Array,
  y: Float32Array,
  tokens: number,
  hidden: number,
  accumulate: boolean,
): void {
  checkSizes({ tokens, hidden });
  checkFloats('table', table, table.length / hidden, hidden);
  checkIntegers('ids', ids, tokens);
  checkFloats('y', y, tokens, hidden);
  explain(() => kernels.embeddingGather(table, ids, y, tokens, hidden, accumulate));
}

/** dTable (V, H) += dy (T, H) at ids (T), in the order of tokens. INPUT_INVALID for an unknown id. */
export function embeddingScatterAdd(
  kernels: NativeKernels,
  dy: Float32Array,
  ids: Int32Array,
  dTable: Float32Array,
  tokens: number,
  hidden: number,
): void {
  checkSizes({ tokens, hidden });
  checkFloats('dy', dy, tokens, hidden);
  checkIntegers('ids', ids, tokens);
  checkFloats('dTable', dTable, dTable.length / hidden, hidden);
  explain(() => kernels.embeddingScatterAdd(dy, ids, dTable, tokens, hidden));
}

/**
 * weight·Σ(s − t)²/Σt² over the real tokens, lengths (B) of N, of student and teacher (B·N, H), sums in
 * f64; gradient (B·N, H) = 2·weight·(s − t)/Σt², 0 at padding. NaN where the teacher is all zeros.
 */
export function alignLoss(
  kernels: NativeKernels,
  student: Float32Array,
  teacher: Float32Array,
  lengths: Int32Array,
  batch: number,
  tokens: number,
  hidden: number,
  weight: number,
  gradient: Float32Array,
): number {
  checkSizes({ batch, tokens, hidden });
  checkFloats('student', student, batch, tokens, hidden);
  checkFloats('teacher', teacher, batch, tokens, hidden);
  checkIntegers('lengths', lengths, batch);
  checkFloats('gradient', gradient, batch, tokens, hidden);
  return explain(() =>
    kernels.alignLoss(student, teacher, lengths, batch, tokens, hidden, weight, gradient),
  );
}

/** Mean cross-entropy of logits (B, C) against classes (B); gradient (B, C). */
export function crossEntropy(
  kernels: NativeKernels,
  logits: Float32Array,
  labels: Int32Array,
  gradient: Float32Array,
  batch: number,
  classes: number,
): number {
  checkSizes({ batch, classes });
  checkFloats('logits', logits, batch, classes);
  checkIntegers('labels', labels, batch);
  checkFloats('gradient', gradient, batch, classes);
  return explain(() => kernels.crossEntropy(logits, labels, gradient, batch, classes));
}

/** temperature²·KL(teacher ‖ student) of softened logits (B, C), mean over B; gradient (B, C). */
export function distillationLoss(
  kernels: NativeKernels,
  student: Float32Array,
  teacher: Float32Array,
  temperature: number,
  gradient: Float32Array,
  batch: number,
  classes: number,
): number {
  checkSizes({ batch, classes });
  checkFloats('student', student, batch, classes);
  checkFloats('teacher', teacher, batch, classes);
  checkFloats('gradient', gradient, batch, classes);
  return explain(() =>
    kernels.distillationLoss(student, teacher, temperature, gradient, batch, classes),
  );
}

/** √ of the sum of all squares, in f64; at least one array. */
export function globalNorm(kernels: NativeKernels, gradients: readonly Float32Array[]): number {
  for (const gradient of gradients) checkFloats('a gradient', gradient, gradient.length);
  return explain(() => kernels.globalNorm(gradients));
}

/**
 * One step of PyTorch's AdamW with number `step` ≥ 1 over lists of arrays, in place: with g =
 * gradient·gradientScale, w −= rate·weightDecay·w where decays[i] ≠ 0, then moments and
 * w −= rate/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε).
 */
export function adamw(
  kernels: NativeKernels,
  weights: readonly Float32Array[],
  gradients: readonly Float32Array[],
  first: readonly Float32Array[],
  second: readonly Float32Array[],
  decays: Uint8Array,
  step: number,
  rate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
  weightDecay: number,
  gradientScale: number,
): void {
  checkSizes({ step });
  for (const list of [gradients, first, second, decays]) {
    if (list.length !== weights.length) {
      throw refuse(`${list.length} gradients, moments or decays for ${weights.length} weights`);
    }
  }
  for (const [index, { length }] of weights.entries()) {
    checkFloats(`weight ${index}`, weights[index]!, length);
    checkFloats(`gradient ${index}`, gradients[index]!, length);
    checkFloats(`first moment ${index}`, first[index]!, length);
    checkFloats(`second moment ${index}`, second[index]!, length);
  }
  explain(() =>
    kernels.adamw(
      weights,
      gradients,
      first,
      second,
      decays,
      step,
      rate,
      beta1,
      beta2,
      epsilon,
      weightDecay,
      gradientScale,
    ),
  );
}
