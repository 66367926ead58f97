// The suite runs on every variant of the native kernels that this CPU has, and on what it says it runs on.
import { listVariants } from '@stillwatt/native';
import { expect, test } from 'vitest';
import { tinyConfig } from '../../test-support/tiny-model.ts';
import { everyVariant } from './backends.ts';

test('every variant has its backend, and computes with it', () => {
  const runnable = listVariants().filter(({ missing }) => missing.length === 0);
  expect(runnable.length).toBeGreaterThan(0);
  for (const { name } of runnable) {
    const [, backend] = everyVariant.find(([each]) => each === `native ${name}`)!;
    expect(backend.kernels!.variant).toBe(name);
    expect(backend.describe(tinyConfig).kernels).toContain(name);
  }
});
