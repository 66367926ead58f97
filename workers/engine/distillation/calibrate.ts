// The start of an inhibitor student: γ, α by grid and β in closed form, layer by layer, against the
// teacher's context on one batch. Without it the swap of attention starts at chance.
import type { AttentionInput, InhibitorScalars } from '../backends/attention.ts';
import type { Backend } from '../backends/backend.ts';
import type { Batch } from '../data/batch.ts';
import { forward } from '../models/encoder.ts';
import type { Model, Weight } from '../models/model.ts';
import { applyLinear, uploadWeights } from '../models/weights.ts';

const gammas = [0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.5, 2.2];
const alphas = [0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2];

export interface CalibratedLayer extends InhibitorScalars {
  /** Σ(student − teacher)² / Σ teacher² of the context that is left. */
  readonly relativeError: number;
}

/**
 * The student with calibrated scalars. Layer i sees the input of teacher layer chosen[i] and is
 * fitted to that layer's context; β per head.
 */
export function calibrate(
  backend: Backend,
  teacher: Model,
  student: Model,
  chosen: readonly number[],
  batch: Batch,
): { student: Model; layers: CalibratedLayer[] } {
  const layers = backend.scope(() => {
    const teacherWeights = uploadWeights(backend, teacher);
    const studentWeights = uploadWeights(backend, student);
    const pass = forward(teacher.config, teacherWeights, batch, { allTokens: true, head: false });
    const { shape, lengths } = pass.settings;
    return chosen.map((source, index) => {
      const x = source === 0 ? pass.embedded.hidden : pass.layers[source - 1]!.hidden;
      const target = backend.read(pass.layers[source]!.context);
      const projected = applyLinear(studentWeights, `layer.${index}.qkv`, x);
      const input = { shape, lengths, projected, config: student.config.attention };
      return search(backend, input, target);
    });
  });
  return { student: withScalars(student, layers), layers };
}

function search(
  backend: Backend,
  input: Omit<AttentionInput, 'scalars'>,
  target: Float32Array,
): CalibratedLayer {
  const { heads, features, tokens } = input.shape;
  let best: CalibratedLayer | null = null;
  for (const gamma of gammas) {
    for (const alpha of alphas) {
      const scalars = { alpha, gamma, beta: Float32Array.of(1) };
      const context = backend.scope(() =>
        backend.read(backend.attention({ ...input, scalars }, false).context),
      );
      const fit = fitBeta(context, target, input.lengths, tokens, heads, features);
      if (!best || fit.relativeError < best.relativeError) best = { alpha, gamma, ...fit };
    }
  }
  return best!;
}

/** Least squares of target ≈ β_h·context per head, over real tokens. */
export function fitBeta(
  context: Float32Array,
  target: Float32Array,
  lengths: Int32Array,
  tokens: number,
  heads: number,
  features: number,
): { beta: Float32Array; relativeError: number } {
  const hidden = heads * features;
  const [cross, square] = [new Float64Array(heads), new Float64Array(heads)];
  let total = 0;
  for (const [sequence, length] of lengths.entries()) {
    for (let at = sequence * tokens * hidden; at < (sequence * tokens + length) * hidden; at++) {
      const head = Math.floor((at % hidden) / features);
      cross[head]! += context[at]! * target[at]!;
      square[head]! += context[at]! ** 2;
      total += target[at]! ** 2;
    }
  }
  const beta = Float32Array.from(cross, (value, head) =>
    square[head]! > 0 ? value / square[head]! : 0,
  );
  const explained = cross.reduce((sum, value, head) => sum + value * beta[head]!, 0);
  return { beta, relativeError: 1 - explained / total };
}

function withScalars(student: Model, layers: readonly InhibitorScalars[]): Model {
  const weights = new Map<string, Weight>(student.weights);
  for (const [index, { alpha, beta, gamma }] of layers.entries()) {
    const name = `layer.${index}.inhibitor`;
    weights.set(`${name}.alpha`, { shape: [1], values: Float32Array.of(alpha) });
    weights.set(`${name}.beta`, { shape: [beta.length], values: beta });
    weights.set(`${name}.gamma`, { shape: [1], values: Float32Array.of(gamma) });
  }
  return { ...student, weights };
}
