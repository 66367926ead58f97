// Every weight of a model: its name here, its shape, and the tensors of the file it is made of.
import type { ModelConfig } from './config.ts';

export type WeightRole = 'embedding' | 'linear' | 'bias' | 'norm' | 'scalar';

export interface PlannedWeight {
  /** Name in the engine: `layer.0.qkv.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: WeightRole;
  /** Names in the file, without the family's prefix, stacked along the first axis. */
  readonly stored: readonly string[];
  /** Part of the encoder (under the prefix `bert.`) or of the head beside it. */
  readonly isEncoder: boolean;
  /** A bare BERT encoder may or may not bring the pooler of its pre-training. */
  readonly isOptional?: boolean;
}

/** Names of Python transformers by family; `*` is the layer. */
const familyNames = {
  bert: {
    layer: 'encoder.layer.*.',
    qkv: ['attention.self.query', 'attention.self.key', 'attention.self.value'],
    out: 'attention.output.dense',
    norm1: 'attention.output.LayerNorm',
    up: 'intermediate.dense',
    down: 'output.dense',
    norm2: 'output.LayerNorm',
    inhibitor: 'attention.self.inhibitor',
    pooler: 'pooler.dense',
  },
  distilbert: {
    layer: 'transformer.layer.*.',
    qkv: ['attention.q_lin', 'attention.k_lin', 'attention.v_lin'],
    out: 'attention.out_lin',
    norm1: 'sa_layer_norm',
    up: 'ffn.lin1',
    down: 'ffn.lin2',
    norm2: 'output_layer_norm',
    inhibitor: 'attention.inhibitor',
    pooler: 'pre_classifier',
  },
} as const;

/** Tensors that known files carry and a classifier has no use for: buffers and pre-training heads. */
export const ignoredTensors =
  /^(embeddings\.position_ids|cls\..+|vocab_transform\..+|vocab_layer_norm\..+|vocab_projector\..+)$/;

/** Prefix of the encoder's tensors in files of models with a head. */
export function encoderPrefix(config: ModelConfig): string {
  return `${config.family}.`;
}

/** All weights of a configuration, in file order. */
export function planWeights(config: ModelConfig): PlannedWeight[] {
  const { hidden, intermediate, vocabulary, positions, tokenTypes, heads, labels } = config;
  const names = familyNames[config.family];
  const embeddings: PlannedWeight[] = [
    embedding('word', vocabulary, hidden, 'embeddings.word_embeddings.weight'),
    embedding('position', positions, hidden, 'embeddings.position_embeddings.weight'),
    ...(tokenTypes > 0
      ? [embedding('type', tokenTypes, hidden, 'embeddings.token_type_embeddings.weight')]
      : []),
    ...norm('embeddings.norm', hidden, 'embeddings.LayerNorm'),
  ];
  const layers = Array.from({ length: config.layers }, (_, index) => {
    const stored = (part: string): string => names.layer.replace('*', String(index)) + part;
    const here = `layer.${index}`;
    return [
      ...linear(`${here}.qkv`, 3 * hidden, hidden, names.qkv.map(stored)),
      ...(config.attention.kind === 'inhibitor'
        ? [
            scalar(`${here}.inhibitor.alpha`, 1, stored(`${names.inhibitor}.alpha`)),
            scalar(`${here}.inhibitor.beta`, heads, stored(`${names.inhibitor}.beta`)),
            scalar(`${here}.inhibitor.gamma`, 1, stored(`${names.inhibitor}.gamma`)),
          ]
        : []),
      ...linear(`${here}.out`, hidden, hidden, [stored(names.out)]),
      ...norm(`${here}.norm1`, hidden, stored(names.norm1)),
      ...linear(`${here}.up`, intermediate, hidden, [stored(names.up)]),
      ...linear(`${here}.down`, hidden, intermediate, [stored(names.down)]),
      ...norm(`${here}.norm2`, hidden, stored(names.norm2)),
    ];
  });
  const isBert = config.family === 'bert';
  const pooler = linear('pooler', hidden, hidden, [names.pooler], isBert);
  if (labels === null) {
    const optional = isBert ? pooler.map((weight) => ({ ...weight, isOptional: true })) : [];
    return [...embeddings, ...layers.flat(), ...optional];
  }
  const head = linear('head', labels.length, hidden, ['classifier'], false);
  return [...embeddings, ...layers.flat(), ...pooler, ...head];
}

function embedding(name: string, rows: number, hidden: number, stored: string): PlannedWeight {
  const shape = [rows, hidden];
  return {
    name: `embeddings.${name}`,
    shape,
    role: 'embedding',
    stored: [stored],
    isEncoder: true,
  };
}

function scalar(name: string, count: number, stored: string): PlannedWeight {
  return { name, shape: [count], role: 'scalar', stored: [stored], isEncoder: true };
}

function norm(name: string, hidden: number, stored: string): PlannedWeight[] {
  return (['weight', 'bias'] as const).map((part) => ({
    name: `${name}.${part}`,
    shape: [hidden],
    role: 'norm',
    stored: [`${stored}.${part}`],
    isEncoder: true,
  }));
}

function linear(
  name: string,
  outputs: number,
  inputs: number,
  stored: readonly string[],
  isEncoder = true,
): PlannedWeight[] {
  const weights = stored.map((part) => `${part}.weight`);
  const biases = stored.map((part) => `${part}.bias`);
  return [
    {
      name: `${name}.weight`,
      shape: [outputs, inputs],
      role: 'linear',
      stored: weights,
      isEncoder,
    },
    { name: `${name}.bias`, shape: [outputs], role: 'bias', stored: biases, isEncoder },
  ];
}
