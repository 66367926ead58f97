// Attention cores against their equations in f64, gradients against finite differences.
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../data/random.ts';
import type { AttentionConfig, InhibitorAttention } from '../../models/config.ts';
import type { AttentionInput } from '../attention.ts';
import type { Backend } from '../backend.ts';
import { dotReference, inhibitorReference } from '../reference/attention.ts';
import { assertClose } from '../reference/compare.ts';
import { numericGradient } from '../reference/finite-differences.ts';
import { everyVariant, expectTensor } from './backends.ts';

const shape = { batch: 3, tokens: 6, heads: 2, features: 5 };
const { batch, tokens, heads, features } = shape;
const hidden = heads * features;
const lengths = Int32Array.of(6, 4, 1);
const scalars = { alpha: 0.3, beta: Float32Array.of(1.2, 0.7), gamma: 0.8 };
/** Far smaller than the distance to the next kink of these samples. */
const step = 1e-6;

const inhibitors: InhibitorAttention[] = (['none', 'validKeys'] as const).flatMap((normalise) =>
  (['valid', 'all'] as const).map((centerOver) => ({
    kind: 'inhibitor',
    normalise,
    centerOver,
    qkGradient: 'sign',
  })),
);

function sample(seed: number, count: number): Float32Array {
  const next = randomNumbers(seed, 0);
  return Float32Array.from({ length: count }, () => 2 * next() - 1);
}

/** Padded queries may hold anything: their rows are set to zero before a comparison. */
function withoutPadding(rows: Float32Array): Float32Array {
  for (const [sequence, length] of lengths.entries()) {
    rows.fill(0, (sequence * tokens + length) * hidden, (sequence + 1) * tokens * hidden);
  }
  return rows;
}

function inputOf(backend: Backend, config: AttentionConfig, values: Float32Array): AttentionInput {
  const projected = backend.upload(values, [batch * tokens, 3 * hidden]);
  return { shape, projected, lengths, config, scalars };
}

const values = sample(7, batch * tokens * 3 * hidden);
const dContext = withoutPadding(sample(8, batch * tokens * hidden));

describe.each(everyVariant)('%s', (_, backend) => {
  test.each<AttentionConfig>([{ kind: 'dot' }, ...inhibitors])('%j', (config) => {
    const reference = (at: ArrayLike<number>) =>
      config.kind === 'dot'
        ? dotReference(shape, at, lengths)
        : inhibitorReference(shape, at, lengths, config, scalars);
    backend.scope(() => {
      const { context, saved } = backend.attention(inputOf(backend, config, values), true);
      expect(context.shape).toEqual([batch * tokens, hidden]);
      const actual = { shape: context.shape, values: withoutPadding(backend.read(context)) };
      assertClose(actual, { shape: context.shape, values: reference(values) });

      const dy = backend.upload(dContext, [batch * tokens, hidden]);
      const { projected } = backend.attentionGradient(config, saved!, dy);
      const numeric = numericGradient(values, dContext, reference, step);
      const tolerance = { atol: 2e-5, rtol: 1e-3 };
      expectTensor(backend, projected, [batch * tokens, 3 * hidden], numeric, tolerance);
    });
  });

  test('a pass that keeps nothing gives the same context and saves nothing', () => {
    for (const config of [{ kind: 'dot' } as const, inhibitors[2]!]) {
      const [kept, not] = backend.scope(() =>
        [true, false].map((keep) => {
          const { context, saved } = backend.attention(inputOf(backend, config, values), keep);
          expect(saved !== null).toBe(keep);
          return backend.read(context);
        }),
      );
      expect(not).toEqual(kept);
    }
  });

  test('many short heads follow few long ones: nothing of the one shape is left in the other', () => {
    const shapes = [
      { batch: 1, tokens: 8, heads: 1, features: 16 },
      { batch: 1, tokens: 16, heads: 1, features: 8 },
    ];
    for (const each of [...shapes, shapes[0]!]) {
      const [rows, width] = [each.tokens, each.features];
      const input = sample(9, rows * 3 * width);
      const all = Int32Array.of(rows);
      const config = inhibitors[2]!;
      const one = { ...scalars, beta: Float32Array.of(1.2) };
      backend.scope(() => {
        const projected = backend.upload(input, [rows, 3 * width]);
        const { context } = backend.attention(
          { shape: each, projected, lengths: all, config, scalars: one },
          false,
        );
        const expected = inhibitorReference(each, input, all, config, one);
        expectTensor(backend, context, [rows, width], expected);
      });
    }
  });

  test.each(inhibitors)('gradients of the scalars, %j', (config) => {
    const of = (alpha: number, gamma: number, beta: ArrayLike<number>) =>
      inhibitorReference(shape, values, lengths, config, { alpha, gamma, beta });
    const { alpha, beta, gamma } = scalars;
    const numeric = numericGradient(
      [alpha, gamma, ...beta],
      dContext,
      ([a, g, ...b]) => of(a!, g!, b),
      step,
    );
    const got = backend.scope(() => {
      const { saved } = backend.attention(inputOf(backend, config, values), true);
      const dy = backend.upload(dContext, [batch * tokens, hidden]);
      return backend.attentionGradient(config, saved!, dy).scalars!;
    });
    assertClose(
      { shape: [4], values: [got.alpha, got.gamma, ...got.beta] },
      { shape: [4], values: numeric },
    );
  });

  test('one β for all heads sums the gradients of the heads', () => {
    const run = (beta: Float32Array) =>
      backend.scope(() => {
        const input = inputOf(backend, inhibitors[0]!, values);
        const { saved } = backend.attention({ ...input, scalars: { ...scalars, beta } }, true);
        const dy = backend.upload(dContext, [batch * tokens, hidden]);
        return backend.attentionGradient(inhibitors[0]!, saved!, dy).scalars!.beta;
      });
    const [first, second] = run(Float32Array.of(0.5, 0.5));
    expect(run(Float32Array.of(0.5))[0]).toBeCloseTo(first! + second!, 4);
  });

  test('equal query and key give no gradient, and clamp and difference follow the distance', () => {
    const run = (qkGradient: InhibitorAttention['qkGradient'], scale: number) => {
      const isQueryOrKey = (index: number) => index % (3 * hidden) < 2 * hidden;
      const scaled = values.map((value, at) => (isQueryOrKey(at) ? scale * value : value));
      const config = { ...inhibitors[2]!, qkGradient };
      return backend.scope(() => {
        const { saved } = backend.attention(inputOf(backend, config, scaled), true);
        const dy = backend.upload(dContext, [batch * tokens, hidden]);
        const gradient = backend.attentionGradient(config, saved!, dy);
        return backend.read(gradient.projected).map((value, at) => (isQueryOrKey(at) ? value : 0));
      });
    };
    // q = k = 0 everywhere: sign(0) = 0.
    expect(run('sign', 0).every((value) => value === 0)).toBe(true);
    // Differences below 1: clamp and difference are the same; above 1 they are not.
    const all = [values.length];
    assertClose(
      { shape: all, values: run('clamp', 0.4) },
      { shape: all, values: run('difference', 0.4) },
    );
    expect(run('clamp', 3)).not.toEqual(run('difference', 3));
  });
});
