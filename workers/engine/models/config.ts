// config.json of a BERT or DistilBERT encoder: parsed strictly, written so that Python transformers reads it.
import { StillwattError } from '@stillwatt/contracts';
import { z } from 'zod';

export interface DotAttention {
  readonly kind: 'dot';
}

export interface InhibitorAttention {
  readonly kind: 'inhibitor';
  /** Divide the sum over keys by the number of real keys, or not (thesis). */
  readonly normalise: 'none' | 'validKeys';
  /**
   * Keys over which scores are centred: real ones, or padding too (thesis). The same where nothing is
   * padded, as in whole encoders on native kernels.
   */
  readonly centerOver: 'valid' | 'all';
  /** What replaces ∂abs(q−k): its sign, the difference clamped to ±1, or the difference. */
  readonly qkGradient: 'sign' | 'clamp' | 'difference';
}

export type AttentionConfig = DotAttention | InhibitorAttention;

export interface QuantizationConfig {
  readonly scheme: 'int8-dynamic';
  readonly granularity: 'per-channel' | 'per-tensor';
}

export interface ModelConfig {
  readonly family: 'bert' | 'distilbert';
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly positions: number;
  /** 0 where the family has no token types. */
  readonly tokenTypes: number;
  readonly layerNormEpsilon: number;
  readonly padTokenId: number;
  /** Outputs of the head; null for a bare encoder. One output means regression. */
  readonly labels: readonly string[] | null;
  readonly problem: 'classification' | 'regression';
  readonly attention: AttentionConfig;
  readonly quantization: QuantizationConfig | null;
}

const count = z.int().min(1).max(1_000_000);
const size = { vocab_size: count.max(10_000_000), max_position_embeddings: count };

const extension = z.strictObject({
  version: z.literal(1),
  attention: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('dot') }),
    z.strictObject({
      kind: z.literal('inhibitor'),
      normalise: z.enum(['none', 'validKeys']),
      centerOver: z.enum(['valid', 'all']),
      qkGradient: z.enum(['sign', 'clamp', 'difference']),
    }),
  ]),
  quantization: z
    .strictObject({
      scheme: z.literal('int8-dynamic'),
      granularity: z.enum(['per-channel', 'per-tensor']),
    })
    .nullable(),
});

// Keys that change what is computed are checked; the others of the file are of no effect here.
const common = {
  architectures: z.array(z.string()).optional(),
  id2label: z.record(z.string(), z.string()).optional(),
  problem_type: z
    .enum(['single_label_classification', 'regression'])
    .nullish()
    .describe('multi-label heads are not supported'),
  pad_token_id: z.int().min(0).default(0),
  is_decoder: z.literal(false).optional(),
  add_cross_attention: z.literal(false).optional(),
  stillwatt: extension.optional(),
};

const bertSchema = z.looseObject({
  model_type: z.literal('bert'),
  ...size,
  ...common,
  hidden_size: count,
  num_hidden_layers: count.max(200),
  num_attention_heads: count,
  intermediate_size: count,
  type_vocab_size: count.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.literal('gelu').default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
});

const distilbertSchema = z.looseObject({
  model_type: z.literal('distilbert'),
  ...size,
  ...common,
  dim: count,
  n_layers: count.max(200),
  n_heads: count,
  hidden_dim: count,
  activation: z.literal('gelu').default('gelu'),
});

const schema = z.discriminatedUnion('model_type', [bertSchema, distilbertSchema]);

/** Parses the bytes of config.json. MODEL_INVALID with the key that is wrong. */
export function parseConfig(bytes: Uint8Array): ModelConfig {
  const parsed = schema.safeParse(readJson(bytes));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = ['config.json', ...(issue?.path ?? [])].join('.');
    throw invalid(issue?.message ?? 'does not match', path);
  }
  const raw = parsed.data;
  const labels = readLabels(raw.id2label, raw.architectures);
  const shape =
    raw.model_type === 'bert'
      ? {
          layers: raw.num_hidden_layers,
          hidden: raw.hidden_size,
          heads: raw.num_attention_heads,
          intermediate: raw.intermediate_size,
          tokenTypes: raw.type_vocab_size,
          layerNormEpsilon: raw.layer_norm_eps,
        }
      : {
          layers: raw.n_layers,
          hidden: raw.dim,
          heads: raw.n_heads,
          intermediate: raw.hidden_dim,
          tokenTypes: 0,
          layerNormEpsilon: 1e-12,
        };
  if (shape.hidden % shape.heads !== 0) {
    const message = `hidden size ${shape.hidden} is not a multiple of ${shape.heads} heads`;
    throw invalid(message, 'config.json');
  }
  if (raw.pad_token_id >= raw.vocab_size) {
    const message = `token ${raw.pad_token_id} is not among ${raw.vocab_size}`;
    throw invalid(message, 'config.json.pad_token_id');
  }
  const isRegression = raw.problem_type === 'regression' || labels?.length === 1;
  return {
    family: raw.model_type,
    ...shape,
    vocabulary: raw.vocab_size,
    positions: raw.max_position_embeddings,
    padTokenId: raw.pad_token_id,
    labels,
    problem: isRegression ? 'regression' : 'classification',
    attention: raw.stillwatt?.attention ?? { kind: 'dot' },
    quantization: raw.stillwatt?.quantization ?? null,
  };
}

/** config.json with the standard keys and ours beside them. */
export function writeConfig(config: ModelConfig): Uint8Array {
  const { family, labels, problem, attention, quantization } = config;
  const prefix = family === 'bert' ? 'Bert' : 'DistilBert';
  const head = labels === null ? 'Model' : 'ForSequenceClassification';
  const shape =
    family === 'bert'
      ? {
          hidden_size: config.hidden,
          num_hidden_layers: config.layers,
          num_attention_heads: config.heads,
          intermediate_size: config.intermediate,
          type_vocab_size: config.tokenTypes,
          layer_norm_eps: config.layerNormEpsilon,
          hidden_act: 'gelu',
          position_embedding_type: 'absolute',
        }
      : {
          dim: config.hidden,
          n_layers: config.layers,
          n_heads: config.heads,
          hidden_dim: config.intermediate,
          activation: 'gelu',
        };
  const single = problem === 'regression' ? 'regression' : 'single_label_classification';
  const labelKeys =
    labels === null
      ? {}
      : {
          problem_type: single,
          id2label: Object.fromEntries(labels.map((label, index) => [String(index), label])),
          label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
        };
  const file = {
    model_type: family,
    architectures: [prefix + head],
    ...shape,
    vocab_size: config.vocabulary,
    max_position_embeddings: config.positions,
    pad_token_id: config.padTokenId,
    ...labelKeys,
    stillwatt: { version: 1, attention, quantization },
  };
  return new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`);
}

function readLabels(
  id2label: Record<string, string> | undefined,
  architectures: readonly string[] | undefined,
): readonly string[] | null {
  const hasHead = architectures?.some((name) => name.endsWith('ForSequenceClassification'));
  if (!hasHead) return null;
  const labels = Object.entries(id2label ?? { 0: 'LABEL_0', 1: 'LABEL_1' });
  labels.sort(([a], [b]) => Number(a) - Number(b));
  if (labels.length === 0 || labels.some(([id], index) => id !== String(index))) {
    throw invalid('ids must be 0, 1, 2, …', 'config.json.id2label');
  }
  return labels.map(([, label]) => label);
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new StillwattError('MODEL_INVALID', 'config.json is not JSON', {
      path: 'config.json',
      fix: 'Take config.json from the same place as the weights.',
      cause,
    });
  }
}

function invalid(message: string, path: string): StillwattError {
  return new StillwattError('MODEL_INVALID', `config.json: ${message}`, {
    path,
    fix: 'Use a BERT or DistilBERT encoder with exact GELU and absolute positions.',
  });
}
