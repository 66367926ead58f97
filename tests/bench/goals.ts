// What is compared with what, and the goals: bounds of a ratio's median, and of its interval's upper end.
import type { Shape, SuiteName } from './types.ts';

export interface Bound {
  readonly median: number;
  readonly upper?: number;
}

export interface Comparison {
  readonly suite: SuiteName;
  /** The line of a table: what is divided by what. */
  readonly title: string;
  /** Names of contenders: `numerator` ÷ the fastest of `rivals`. */
  readonly numerator: string;
  readonly rivals: readonly string[];
  /** Null where no goal is set for a shape: the row informs. */
  bound(shape: Shape): Bound | null;
}

const none = (): null => null;
const always = (bound: Bound) => (): Bound => bound;

/** int8 against the faster of the int8 rivals: the shapes that have a goal. */
function againstRivals({ batch, tokens }: Shape): Bound | null {
  const key = `${batch}×${tokens}`;
  if (key === '1×32' || key === '1×128') return { median: 0.8 };
  if (key === '8×128' || key === '1×512') return { median: 0.7 };
  return null;
}

/** Either way of waiting: the rival is the faster one. */
const onnx = (what: string): string[] => [
  `onnxruntime ${what} encoder`,
  `onnxruntime ${what} encoder, blocking`,
];
const int8Rivals = [...onnx('int8 dot'), 'pytorch int8 dot encoder'];

export const comparisons: readonly Comparison[] = [
  {
    suite: 'model',
    title: 'int8 encoder: inhibitor ÷ dot',
    numerator: 'stillwatt int8 inhibitor encoder',
    rivals: ['stillwatt int8 dot encoder'],
    bound: always({ median: 1, upper: 1.02 }),
  },
  {
    suite: 'kernels',
    title: 'int8 dot core ÷ the prototype’s, heads packed',
    numerator: 'stillwatt int8 dot core, packed',
    rivals: ['prototype int8 dot core, packed'],
    bound: always({ median: 1.1 }),
  },
  {
    suite: 'model',
    title: 'int8 encoder, dot ÷ the faster of ONNX Runtime and torch.ao int8',
    numerator: 'stillwatt int8 dot encoder',
    rivals: int8Rivals,
    bound: againstRivals,
  },
  {
    suite: 'model',
    title: 'int8 encoder, inhibitor ÷ the same dot-product rival',
    numerator: 'stillwatt int8 inhibitor encoder',
    rivals: int8Rivals,
    bound: againstRivals,
  },
  {
    suite: 'model',
    title: 'f32 encoder, dot ÷ ONNX Runtime',
    numerator: 'stillwatt f32 dot encoder',
    rivals: onnx('f32 dot'),
    bound: always({ median: 0.95 }),
  },
  {
    suite: 'model',
    title: 'f32 encoder: inhibitor ÷ dot',
    numerator: 'stillwatt f32 inhibitor encoder',
    rivals: ['stillwatt f32 dot encoder'],
    bound: ({ batch, tokens }) =>
      batch === 1 && tokens === 128
        ? { median: 1.1 }
        : batch === 1 && tokens === 512
          ? { median: 1.35 }
          : null,
  },
  {
    suite: 'model',
    title: 'f32 encoder, dot ÷ PyTorch',
    numerator: 'stillwatt f32 dot encoder',
    rivals: ['pytorch f32 dot encoder'],
    bound: none,
  },
  {
    suite: 'model',
    title: 'f32 encoder, inhibitor ÷ the faster of ONNX Runtime and PyTorch with cdist',
    numerator: 'stillwatt f32 inhibitor encoder',
    rivals: [...onnx('f32 inhibitor'), 'pytorch f32 inhibitor encoder'],
    bound: none,
  },
  {
    suite: 'kernels',
    title: 'f32 inhibitor core ÷ torch.cdist',
    numerator: 'stillwatt f32 inhibitor core',
    rivals: ['pytorch f32 inhibitor core'],
    bound: ({ tokens }) => (tokens === 128 || tokens === 512 ? { median: 0.05 } : null),
  },
  {
    suite: 'kernels',
    title: 'f32 dot core ÷ PyTorch SDPA',
    numerator: 'stillwatt f32 dot core',
    rivals: ['pytorch f32 dot core'],
    bound: none,
  },
  {
    suite: 'kernels',
    title: 'f32 core: inhibitor ÷ dot',
    numerator: 'stillwatt f32 inhibitor core',
    rivals: ['stillwatt f32 dot core'],
    bound: none,
  },
  {
    suite: 'kernels',
    title: 'int8 core: inhibitor ÷ dot',
    numerator: 'stillwatt int8 inhibitor core',
    rivals: ['stillwatt int8 dot core'],
    bound: none,
  },
  {
    suite: 'kernels',
    title: 'int8 core: inhibitor ÷ dot, heads packed',
    numerator: 'stillwatt int8 inhibitor core, packed',
    rivals: ['stillwatt int8 dot core, packed'],
    bound: none,
  },
  {
    suite: 'train',
    title: 'training step, dot ÷ PyTorch',
    numerator: 'stillwatt f32 dot training step',
    rivals: ['pytorch f32 dot training step'],
    bound: always({ median: 0.5 }),
  },
  {
    suite: 'train',
    title: 'training step: inhibitor ÷ dot',
    numerator: 'stillwatt f32 inhibitor training step',
    rivals: ['stillwatt f32 dot training step'],
    bound: always({ median: 1.15 }),
  },
  {
    suite: 'train',
    title: 'memory of a training step: inhibitor ÷ dot',
    numerator: 'stillwatt f32 inhibitor training memory',
    rivals: ['stillwatt f32 dot training memory'],
    bound: always({ median: 1.2 }),
  },
  {
    // Half of its tokens per second is twice its time.
    suite: 'kernels',
    title: 'tokenizer ÷ Hugging Face tokenizers, time',
    numerator: 'stillwatt tokenizer',
    rivals: ['huggingface tokenizer'],
    bound: always({ median: 2 }),
  },
];
