// Arguments that change while they are taken: no call may use memory that is gone.
import { expect, test } from 'vitest';
import { loadBinding } from '../lib/load.ts';

const { NativeKernels } = loadBinding() as unknown as {
  NativeKernels: new (variant: string | null, threads: number) => Record<string, Callable>;
};
type Callable = (...values: unknown[]) => unknown;
const kernels = new NativeKernels(null, 1);

const floats = (): Float32Array<ArrayBuffer> => new Float32Array(4096).fill(1);

/** A list of one array, on whose reading `effect` happens. */
function trap(effect: () => void): Float32Array[] {
  const get = (): Float32Array => {
    effect();
    return floats();
  };
  return Object.defineProperty([], 0, { get });
}

function detach(buffer: ArrayBuffer): void {
  if (!buffer.detached) structuredClone(buffer, { transfer: [buffer] });
}

test.each([
  ['detached', detach],
  ['shorter', (buffer: ArrayBuffer) => buffer.resize(4 * 4095)],
])('an array that a getter leaves %s is refused', (_, effect) => {
  const buffer = new ArrayBuffer(4 * 4096, { maxByteLength: 4 * 4096 });
  const weight = new Float32Array(buffer);
  const settings = [Uint8Array.of(1), 1, 1e-3, 0.9, 0.99, 1e-8, 0.01, 1];
  const step = (gradients: Float32Array[]): unknown =>
    kernels['adamw']!([weight], gradients, [floats()], [floats()], ...settings);
  step([floats()]);
  expect(() => step(trap(() => effect(buffer)))).toThrow(/taken away/);
});

test('an earlier array of the same list too', () => {
  const first = floats();
  const list = [first];
  const later = trap(() => detach(first.buffer));
  Object.defineProperty(list, 1, { get: () => later[0] });
  expect(() => kernels['globalNorm']!(list)).toThrow(/taken away/);
});
