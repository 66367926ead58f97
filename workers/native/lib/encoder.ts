// Whole encoders: loaded from the files of a model, run over sequences without padding.
import { StillwattError } from '@stillwatt/contracts';
import type { EncoderDescription, NativeEncoder, NativeKernels } from './binding.ts';
import { translate } from './failure.ts';
import { loadBinding } from './load.ts';

export interface EncoderFiles {
  /** The bytes of config.json. */
  readonly config: Uint8Array;
  /** The bytes of model.safetensors. */
  readonly weights: Uint8Array;
}

/** B sequences, one after another without padding; T tokens in all. */
export interface TokenSequences {
  /** (T) */
  readonly ids: Int32Array;
  /** (B): 1 to the model's positions */
  readonly lengths: Int32Array;
  /** (T); all 0 where not given. */
  readonly types?: Int32Array | undefined;
}

export interface Encoder {
  /**
   * Logits (B, labels), or hidden states (T, H) of the last layer where there is no head; the same bits
   * for any batch and number of threads. INPUT_INVALID for ids and lengths that the model does not have,
   * CANCELLED within some ten milliseconds of the signal. Runs of one encoder follow one another.
   */
  run(sequences: TokenSequences, signal?: AbortSignal): Promise<Float32Array>;
  /** Hidden states after the embeddings and after each layer, (layers + 1, T, H). */
  states(sequences: TokenSequences, signal?: AbortSignal): Promise<Float32Array>;
  describe(): EncoderDescription;
  /** Frees the weights once the last run has ended; nothing can be run afterwards. */
  dispose(): void;
}

/** Loads an encoder. MODEL_INVALID, naming the file and the key or tensor, where its files do not fit together. */
export async function createEncoder(kernels: NativeKernels, files: EncoderFiles): Promise<Encoder> {
  const { config, weights } = files;
  requireArray('config', config, Uint8Array);
  requireArray('weights', weights, Uint8Array);
  const { NativeCancellation } = loadBinding();
  const encoder = await kernels.loadEncoder(config, weights).catch(rejectModel);
  let last: Promise<unknown> = Promise.resolve();

  /** One after another: a run that waits takes no thread, and can be cancelled. */
  function enqueue(
    method: 'run' | 'states',
    { ids, lengths, types }: TokenSequences,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    requireArray('ids', ids, Int32Array);
    requireArray('lengths', lengths, Int32Array);
    if (types !== undefined) requireArray('types', types, Int32Array);
    const result = last.then(async () => {
      if (signal?.aborted) throw cancelled();
      const cancellation = new NativeCancellation();
      const stop = (): void => cancellation.cancel();
      signal?.addEventListener('abort', stop);
      try {
        return await encoder[method](ids, lengths, types ?? null, cancellation);
      } catch (cause) {
        throw translate(cause);
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
    last = result.catch(() => undefined);
    return result;
  }

  return {
    run: async (sequences, signal) => enqueue('run', sequences, signal),
    states: async (sequences, signal) => enqueue('states', sequences, signal),
    describe: () => describe(encoder),
    dispose: () => void last.then(() => encoder.dispose()),
  };
}

function describe(encoder: NativeEncoder): EncoderDescription {
  try {
    return encoder.describe();
  } catch (cause) {
    throw translate(cause);
  }
}

function rejectModel(cause: unknown): never {
  const translated = translate(cause);
  if (!(translated instanceof StillwattError) || translated.code !== 'INPUT_INVALID') {
    throw translated;
  }
  const [path = ''] = translated.message.split(':');
  throw new StillwattError('MODEL_INVALID', translated.message, {
    path,
    fix: 'Take config.json and model.safetensors from the same model.',
    cause,
  });
}

function requireArray(
  name: string,
  value: unknown,
  kind: Int32ArrayConstructor | Uint8ArrayConstructor,
): void {
  if (value instanceof kind) return;
  throw new StillwattError('INPUT_INVALID', `${name} must be of type ${kind.name}`, { path: name });
}

function cancelled(): StillwattError {
  return new StillwattError('CANCELLED', 'the run was cancelled');
}
