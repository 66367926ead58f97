import { expect, test } from 'vitest';
import { createKernels, listVariants } from './index.ts';

test('the first variant without missing features is the default', () => {
  const best = listVariants().find(({ missing }) => missing.length === 0);
  expect(createKernels({ threads: 1 }).variant).toBe(best?.name);
  expect(createKernels({ threads: 2 }).threads).toBe(2);
});

test('every variant of this CPU can be forced, others name the missing feature', () => {
  for (const { name, missing } of listVariants()) {
    if (missing.length === 0) {
      expect(createKernels({ variant: name, threads: 1 }).variant).toBe(name);
    } else {
      expect(() => createKernels({ variant: name, threads: 1 })).toThrow(missing[0]);
    }
  }
});

test('an unknown variant lists the known ones', () => {
  expect(() => createKernels({ variant: 'sse9', threads: 1 })).toThrow(/sse9.*avx2, scalar/);
  expect(() => createKernels({ threads: 0 })).toThrow(/0 threads/);
});
