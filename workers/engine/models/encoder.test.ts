// Whole passes: the short last layer is exact, gradients follow finite differences, nothing leaks.
import { describe, expect, test } from 'vitest';
import { backends } from '../backends/conformance/backends.ts';
import { assertClose } from '../backends/reference/compare.ts';
import { createBatch, encodeExamples } from '../data/batch.ts';
import { randomNormals } from '../data/random.ts';
import { inhibitor, tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { crossEntropy } from '../training/losses.ts';
import { createDropout } from './dropout.ts';
import { backward, forward } from './encoder.ts';
import { Gradients } from './gradients.ts';
import type { Model } from './model.ts';
import { loadTokenizer } from './tokenizer.ts';
import { uploadWeights } from './weights.ts';

function batchOf(model: Model, count = 4) {
  const tokenizer = loadTokenizer(model.tokenizerJson, model.config.vocabulary);
  const { examples } = encodeExamples(tokenizer, tinyDataset().splits.train.slice(0, count), 16);
  return createBatch(examples, [...examples.keys()], 0);
}

describe.each(backends)('%s', (_backendName, backend) => {
  function lossOf(model: Model, allTokens: boolean): number {
    const batch = batchOf(model);
    return backend.scope(() => {
      const weights = uploadWeights(backend, model);
      const pass = forward(model.config, weights, batch, { allTokens });
      return crossEntropy(backend.read(pass.head!.logits), batch.labels).value;
    });
  }

  const models: [string, Model][] = [
    ['dot', tinyModel()],
    ['inhibitor', tinyModel({ attention: inhibitor })],
    ['DistilBERT', tinyModel({ family: 'distilbert', tokenTypes: 0 })],
  ];

  describe.each(models)('%s', (_, model) => {
    test('the last layer for first tokens alone gives the same logits', () => {
      expect(lossOf(model, false)).toBeCloseTo(lossOf(model, true), 6);
    });

    test.each([true, false])(
      'gradient follows finite differences (all tokens: %s)',
      (allTokens) => {
        const weights = uploadWeights(backend, model);
        const batch = batchOf(model);
        const sink = new Gradients(backend, new Set(model.weights.keys()));
        backend.scope(() => {
          const pass = forward(model.config, weights, batch, { keep: true, allTokens });
          const { logits } = pass.head!;
          const loss = crossEntropy(backend.read(logits), batch.labels);
          backward(weights, pass, { logits: backend.upload(loss.gradient, logits.shape) }, sink);
        });
        expect([...sink.byName.keys()].sort()).toEqual([...model.weights.keys()].sort());
        // One random direction per weight: f32 loss differences leave about three digits.
        for (const [name, weight] of model.weights) {
          const next = randomNormals(5, name.length);
          const direction = Float32Array.from(weight.values, () => next());
          const step = 2e-3;
          const moved = (sign: number): number => {
            const values = Float32Array.from(
              weight.values,
              (value, at) => value + sign * step * direction[at]!,
            );
            return lossOf(
              {
                ...model,
                weights: new Map(model.weights).set(name, { ...weight, values } as never),
              },
              allTokens,
            );
          };
          const numeric = (moved(1) - moved(-1)) / (2 * step);
          const gradient = backend.read(sink.byName.get(name)!);
          const exact = direction.reduce((sum, value, at) => sum + value * gradient[at]!, 0);
          // The straight-through sign has kinks between the two points; smooth parts are closer.
          assertClose(
            { shape: [1], values: [exact] },
            { shape: [1], values: [numeric] },
            { atol: 4e-3, rtol: 0.05 },
          );
        }
        sink.dispose();
        weights.dispose();
      },
    );
  });

  test('passes free what they made', () => {
    const model = tinyModel({ attention: inhibitor });
    const weights = uploadWeights(backend, model);
    const batch = batchOf(model);
    const before = backend.tensorCount();
    for (const keep of [false, true]) {
      const sink = new Gradients(backend, new Set(model.weights.keys()));
      backend.scope(() => {
        const dropout = createDropout(backend, 0.1, 1, 1);
        const pass = forward(model.config, weights, batch, { keep, dropout });
        if (keep) backward(weights, pass, { logits: pass.head!.logits }, sink);
      });
      expect(backend.tensorCount()).toBe(before + (keep ? model.weights.size : 0));
      sink.dispose();
      expect(backend.tensorCount()).toBe(before);
    }
    weights.dispose();
  });

  test('padding does not change a text', () => {
    for (const attention of [{ kind: 'dot' } as const, inhibitor]) {
      const model = tinyModel({ attention });
      const weights = uploadWeights(backend, model);
      const both = batchOf(model, 6);
      const shortest = both.lengths.indexOf(Math.min(...both.lengths));
      expect(both.lengths[shortest]).toBeLessThan(both.tokens);
      const tokenizer = loadTokenizer(model.tokenizerJson, model.config.vocabulary);
      const rows = tinyDataset().splits.train.slice(shortest, shortest + 1);
      const alone = createBatch(encodeExamples(tokenizer, rows, 16).examples, [0], 0);
      const [a, b] = [both, alone].map((batch) =>
        backend.scope(() => backend.read(forward(model.config, weights, batch).head!.logits)),
      );
      assertClose(
        { shape: [2], values: a!.slice(2 * shortest, 2 * shortest + 2) },
        { shape: [2], values: b! },
      );
      weights.dispose();
    }
  });
});
