// What a backend computes: an encoder's operations and their gradients, each as large as one kernel may be.
// T = B·N tokens, I inputs, O outputs, H hidden. Matrices are row-major f32.
import type { NativeKernels } from '@stillwatt/native';
import type { AttentionConfig, ModelConfig } from '../models/config.ts';
import type { AdamW, TrainedWeight } from './adamw.ts';
import type {
  AttentionGradient,
  AttentionInput,
  AttentionOutput,
  AttentionShape,
} from './attention.ts';
import type { Int8Matrix, Mask, Saved, Tensor } from './tensor.ts';

/** A mask is a function of these. The share `rate` of dropped elements is a multiple of 1/256. */
export interface DropoutKey {
  readonly rate: number;
  readonly seed: number;
  readonly step: number;
  readonly site: number;
}

export interface LinearGradient {
  readonly weight: Tensor; // (O, I)
  readonly bias: Tensor; // (O)
}

/** The sum residual + x ⊙ mask, of which a null part is left out; (T, H). */
export interface NormInput {
  readonly x: Tensor;
  readonly residual: Tensor | null;
  readonly mask: Mask | null;
}

export interface NormGradient {
  readonly residual: Tensor; // (T, H)
  readonly x: Tensor; // (T, H): the residual's, masked
  readonly weight: Tensor; // (H)
  readonly bias: Tensor; // (H)
}

export interface BackendOptions {
  readonly threads: number;
  /** Of the native kernels; default: the fastest that this CPU has. */
  readonly variant?: string | undefined;
}

export interface Backend {
  /** Recorded with every run: what computes a model of this configuration. */
  describe(config: ModelConfig): { tensorflow: string; kernels: string };
  /** What whole models run on in inference; null where they are computed by the operations below. */
  readonly kernels: NativeKernels | null;
  /** Ends the backend's threads; it computes no more. */
  close(): Promise<void>;

  // Memory. A tensor made inside a scope ends with it unless it is in the scope's result or kept.

  /** The backend may go on reading `values`: do not change them. */
  upload(values: Float32Array, shape: readonly number[]): Tensor;
  read(x: Tensor): Float32Array;
  /** Runs `compute`; frees what it made but the tensors found in its result (arrays and plain objects). */
  scope<T>(compute: () => T): T;
  /** Makes a tensor outlive its scopes, until it is disposed of. */
  keep(x: Tensor): Tensor;
  /** Frees the tensors found in `held` (arrays and plain objects). */
  dispose(held: object): void;
  /** Tensors alive, for tests of leaks. */
  tensorCount(): number;

  // Linear layers: y (T, O) = x (T, I) · Wᵀ + b, with W (O, I).

  linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor;
  linearInputGradient(dy: Tensor, weight: Tensor): Tensor;
  linearWeightGradient(dy: Tensor, x: Tensor): LinearGradient;
  uploadInt8(values: Int8Array, scales: Float32Array, shape: readonly number[]): Int8Matrix;
  /** x is quantized per token, products of integers are summed exactly, then scaled. */
  int8Linear(x: Tensor, weight: Int8Matrix, bias: Tensor): Tensor;

  // Between them.

  /** Exact GELU, x·Φ(x). */
  gelu(x: Tensor): { y: Tensor; saved: Saved };
  geluGradient(dy: Tensor, saved: Saved): Tensor;
  /** LayerNorm of the sum over its last axis; weight and bias (H). */
  layerNorm(
    input: NormInput,
    weight: Tensor,
    bias: Tensor,
    epsilon: number,
  ): { y: Tensor; saved: Saved };
  layerNormGradient(dy: Tensor, saved: Saved, weight: Tensor): NormGradient;
  dropoutMask(key: DropoutKey, shape: readonly number[]): Mask;
  /** x ⊙ mask, kept elements scaled by 1/(1 − rate); its own gradient. A null mask gives x itself. */
  applyMask(x: Tensor, mask: Mask | null): Tensor;
  /** Of the pooler. */
  activate(kind: 'tanh' | 'relu', x: Tensor): Tensor;
  activateGradient(kind: 'tanh' | 'relu', dy: Tensor, y: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;

  // Attention, embeddings, rows.

  attention(input: AttentionInput, keep: boolean): AttentionOutput;
  attentionGradient(config: AttentionConfig, saved: Saved, dContext: Tensor): AttentionGradient;
  /** (T, H): Σ over the tables (rows, H) of their row at each index (T). */
  embed(tables: readonly Tensor[], indices: readonly Int32Array[]): Tensor;
  /** (rows, H) of one table: rows of dy that share an index are summed in token order. */
  embedGradient(dy: Tensor, indices: Int32Array, rows: number): Tensor;
  /** (T, H) → (B, H) */
  firstTokens(x: Tensor, shape: AttentionShape): Tensor;
  /** (B, H) → (T, H), zero elsewhere: the gradient of firstTokens. */
  spreadFirstTokens(x: Tensor, shape: AttentionShape): Tensor;

  // Training.

  /**
   * weight · Σ(student − teacher)² / Σ teacher² over real tokens, and ∂student; both (T, H). Relative,
   * so that layers and kinds of state count alike.
   */
  alignLoss(
    student: Tensor,
    teacher: Tensor,
    lengths: Int32Array,
    weight: number,
  ): { value: number; gradient: Tensor };
  adamW(weights: ReadonlyMap<string, TrainedWeight>): AdamW;
}
