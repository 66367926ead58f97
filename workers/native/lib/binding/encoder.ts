// What the library exports for whole encoders; meaning and shapes: lib/encoder.ts.

export interface EncoderDescription {
  readonly family: 'bert' | 'distilbert';
  readonly attention: 'dot' | 'inhibitor';
  readonly precision: 'f32' | 'int8';
  readonly layers: number;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly tokenTypes: number;
  /** 0 where there is no head. */
  readonly labels: number;
  readonly variant: string;
  readonly threads: number;
  /** What multiplies matrices. */
  readonly gemm: string;
  readonly loadMs: number;
  /** As the weights lie in memory, laid out for products. */
  readonly weightBytes: number;
  /** Buffers of the largest run so far; they never shrink. */
  readonly workspaceBytes: number;
}

/** Stops the run that it was given to. */
export interface NativeCancellation {
  cancel(): void;
}

export interface NativeEncoder {
  run(
    ids: Int32Array,
    lengths: Int32Array,
    types: Int32Array | null,
    cancellation: NativeCancellation,
  ): Promise<Float32Array>;
  states(
    ids: Int32Array,
    lengths: Int32Array,
    types: Int32Array | null,
    cancellation: NativeCancellation,
  ): Promise<Float32Array>;
  describe(): EncoderDescription;
  dispose(): void;
}

export interface EncoderBinding {
  loadEncoder(config: Uint8Array, weights: Uint8Array): Promise<NativeEncoder>;
}
