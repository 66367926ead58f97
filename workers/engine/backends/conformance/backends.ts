// Every backend, and what the conformance suite compares its tensors with.
import { type BackendName, backendNames } from '@stillwatt/contracts';
import { listVariants } from '@stillwatt/native';
import type { Backend } from '../backend.ts';
import { randomNormals } from '../../data/random.ts';
import { openBackend } from '../open-backend.ts';
import { assertClose, type Tolerance } from '../reference/compare.ts';
import type { Tensor } from '../tensor.ts';

/** By name, for describe.each. */
export const backends: [BackendName, Backend][] = await Promise.all(
  backendNames.map(async (name): Promise<[BackendName, Backend]> => [
    name,
    await openBackend(name, { threads: 1 }),
  ]),
);

const variants = listVariants().filter(({ missing }) => missing.length === 0);

/** The same with one native backend for each variant of the kernels that this CPU has. */
export const everyVariant: [string, Backend][] = [
  ...backends.filter(([name]) => name !== 'native'),
  ...(await Promise.all(
    variants.map(async ({ name: variant }): Promise<[string, Backend]> => [
      `native ${variant}`,
      await openBackend('native', { threads: 1, variant }),
    ]),
  )),
];

export function normals(seed: number, count: number): Float32Array {
  const next = randomNormals(seed, 0);
  return Float32Array.from({ length: count }, () => next());
}

/** Throws where a tensor is not of this shape and near these values. */
export function expectTensor(
  backend: Backend,
  tensor: Tensor,
  shape: readonly number[],
  values: ArrayLike<number>,
  tolerance?: Tolerance,
): void {
  const actual = { shape: tensor.shape, values: backend.read(tensor) };
  assertClose(actual, { shape, values }, tolerance);
}
