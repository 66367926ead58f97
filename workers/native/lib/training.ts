// Embeddings, losses and the optimiser of a training step on native kernels.
// All: INPUT_INVALID for a wrong length, shared memory, or outputs that overlap other arrays.
import { checkFloats, checkIntegers, checkSizes, refuse } from './arrays.ts';
import { createOperation } from './create-operation.ts';

/** y (T, H) = table (V, H) at ids (T), or with `accumulate` y += it. INPUT_INVALID for an unknown id. */
export const embeddingGather = createOperation('embeddingGather', (table, ids, y, tokens, hidden) =>
  checkRows({ y }, ids, { table }, tokens, hidden),
);

/** dTable (V, H) += dy (T, H) at ids (T), in the order of tokens. INPUT_INVALID for an unknown id. */
export const embeddingScatterAdd = createOperation(
  'embeddingScatterAdd',
  (dy, ids, dTable, tokens, hidden) => checkRows({ dy }, ids, { dTable }, tokens, hidden),
);

/**
 * weight·Σ(s − t)²/Σt² over the real tokens, lengths (B) of N, of student and teacher (B·N, H), sums in
 * f64; gradient (B·N, H) = 2·weight·(s − t)/Σt², 0 at padding. NaN where the teacher is all zeros.
 */
export const alignLoss = createOperation(
  'alignLoss',
  (student, teacher, lengths, batch, tokens, hidden, weight, gradient) => {
    checkSizes({ batch, tokens, hidden });
    checkFloats({ student, teacher, gradient }, batch, tokens, hidden);
    checkIntegers('lengths', lengths, batch);
  },
);

/** Mean cross-entropy of logits (B, C) against classes (B); gradient (B, C). */
export const crossEntropy = createOperation(
  'crossEntropy',
  (logits, labels, gradient, batch, classes) => {
    checkSizes({ batch, classes });
    checkFloats({ logits, gradient }, batch, classes);
    checkIntegers('labels', labels, batch);
  },
);

/** temperature²·KL(teacher ‖ student) of softened logits (B, C), mean over B; gradient (B, C). */
export const distillationLoss = createOperation(
  'distillationLoss',
  (student, teacher, temperature, gradient, batch, classes) => {
    checkSizes({ batch, classes });
    checkFloats({ student, teacher, gradient }, batch, classes);
  },
);

/** √ of the sum of all squares, in f64; at least one array. */
export const globalNorm = createOperation('globalNorm', (gradients) => {
  for (const gradient of gradients) checkFloats({ 'a gradient': gradient }, gradient.length);
});

/**
 * One step of PyTorch's AdamW with number `step` ≥ 1 over lists of arrays, in place: with g =
 * gradient·gradientScale, w −= rate·weightDecay·w where decays[i] ≠ 0, then moments and
 * w −= rate/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε).
 */
export const adamw = createOperation('adamw', (weights, gradients, first, second, decays, step) => {
  checkSizes({ step });
  for (const list of [gradients, first, second, decays]) {
    if (list.length !== weights.length) {
      throw refuse(`${list.length} gradients, moments or decays for ${weights.length} weights`);
    }
  }
  const lists = {
    weight: weights,
    gradient: gradients,
    'first moment': first,
    'second moment': second,
  };
  for (const [index, { length }] of weights.entries()) {
    for (const [name, list] of Object.entries(lists)) {
      checkFloats({ [`${name} ${index}`]: list[index]! }, length);
    }
  }
});

/** `rows` (T, H) and the table (V, H) that they come from or go to, at ids (T). */
function checkRows(
  rows: Readonly<Record<string, Float32Array>>,
  ids: Int32Array,
  table: Readonly<Record<string, Float32Array>>,
  tokens: number,
  hidden: number,
): void {
  checkSizes({ tokens, hidden });
  checkFloats(rows, tokens, hidden);
  checkIntegers('ids', ids, tokens);
  for (const { length } of Object.values(table)) checkFloats(table, length / hidden, hidden);
}
