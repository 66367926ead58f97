// What is compared with what, and the goals: bounds of a ratio's median, and of its interval's upper end.
import type { Shape, SuiteName } from './types.ts';

export interface Bound {
  readonly median: number;
  readonly upper?: number;
}

export interface Comparison {
  readonly suite: SuiteName;
  /** Names of contenders: `numerator` ÷ the fastest of `rivals`. */
  readonly numerator: string;
  readonly rivals: readonly string[];
  /** Null where no goal is set for a shape: the row informs. */
  bound(shape: Shape): Bound | null;
}

/** A time that was measured elsewhere, in seconds by tokens: one layer of 12 heads of 64, one thread. */
export interface FixedRival {
  readonly name: string;
  readonly seconds: Readonly<Record<number, number>>;
}

/** The first prototype of the integer dot-product core, on the machine it was written on. */
export const fixedRivals: readonly FixedRival[] = [
  {
    name: 'prototype int8 dot core',
    seconds: { 32: 8.3e-6, 128: 92e-6, 256: 331e-6, 512: 1283e-6 },
  },
];

const none = (): null => null;
const always = (bound: Bound) => (): Bound => bound;

/** int8 against the faster of the int8 rivals: the shapes that have a goal. */
function againstRivals({ batch, tokens }: Shape): Bound | null {
  const key = `${batch}×${tokens}`;
  if (key === '1×32' || key === '1×128') return { median: 0.8 };
  if (key === '8×128' || key === '1×512') return { median: 0.7 };
  return null;
}

const int8Rivals = ['onnxruntime int8 dot encoder', 'pytorch int8 dot encoder'];

export const comparisons: readonly Comparison[] = [
  {
    suite: 'model',
    numerator: 'stillwatt int8 inhibitor encoder',
    rivals: ['stillwatt int8 dot encoder'],
    bound: always({ median: 1, upper: 1.02 }),
  },
  {
    suite: 'model',
    numerator: 'stillwatt int8 dot encoder',
    rivals: int8Rivals,
    bound: againstRivals,
  },
  {
    suite: 'model',
    numerator: 'stillwatt int8 inhibitor encoder',
    rivals: int8Rivals,
    bound: againstRivals,
  },
  {
    suite: 'model',
    numerator: 'stillwatt f32 dot encoder',
    rivals: ['onnxruntime f32 dot encoder'],
    bound: always({ median: 0.95 }),
  },
  {
    suite: 'model',
    numerator: 'stillwatt f32 inhibitor encoder',
    rivals: ['stillwatt f32 dot encoder'],
    bound: ({ tokens }) =>
      tokens === 128 ? { median: 1.1 } : tokens === 512 ? { median: 1.35 } : null,
  },
  {
    suite: 'model',
    numerator: 'stillwatt f32 dot encoder',
    rivals: ['pytorch f32 dot encoder'],
    bound: none,
  },
  {
    suite: 'model',
    numerator: 'stillwatt f32 inhibitor encoder',
    rivals: ['onnxruntime f32 inhibitor encoder', 'pytorch f32 inhibitor encoder'],
    bound: none,
  },
  {
    suite: 'kernels',
    numerator: 'stillwatt f32 inhibitor core',
    rivals: ['pytorch f32 inhibitor core'],
    bound: ({ tokens }) => (tokens === 128 || tokens === 512 ? { median: 0.05 } : null),
  },
  {
    suite: 'kernels',
    numerator: 'stillwatt f32 dot core',
    rivals: ['pytorch f32 dot core'],
    bound: none,
  },
  {
    suite: 'kernels',
    numerator: 'stillwatt f32 inhibitor core',
    rivals: ['stillwatt f32 dot core'],
    bound: none,
  },
  {
    suite: 'kernels',
    numerator: 'stillwatt int8 inhibitor core',
    rivals: ['stillwatt int8 dot core'],
    bound: none,
  },
  {
    suite: 'kernels',
    numerator: 'stillwatt int8 dot core',
    rivals: ['prototype int8 dot core'],
    bound: always({ median: 1.1 }),
  },
  {
    // Half of its tokens per second is twice its time.
    suite: 'kernels',
    numerator: 'stillwatt tokenizer',
    rivals: ['huggingface tokenizer'],
    bound: always({ median: 2 }),
  },
  {
    suite: 'train',
    numerator: 'stillwatt f32 dot training step',
    rivals: ['pytorch f32 dot training step'],
    bound: always({ median: 0.5 }),
  },
  {
    suite: 'train',
    numerator: 'stillwatt f32 inhibitor training step',
    rivals: ['stillwatt f32 dot training step'],
    bound: always({ median: 1.15 }),
  },
  {
    suite: 'train',
    numerator: 'stillwatt f32 inhibitor training memory',
    rivals: ['stillwatt f32 dot training memory'],
    bound: always({ median: 1.2 }),
  },
];
