// A model as an ONNX file. B sequences, N tokens, H hidden.
import { StillwattError } from '@stillwatt/contracts';
import type { Model } from '../models/model.ts';
import { found } from '../models/weights.ts';
import { quantizeModel } from '../quantization/quantize-model.ts';
import { createAttention } from './attention.ts';
import { createGraph, type Graph, type Port, type Value } from './graph.ts';
import { addLinear } from './linear.ts';

export interface ExportOptions {
  /** Of the linear layers; `int8` quantizes an f32 model per output channel. */
  readonly precision: 'f32' | 'int8';
}

/**
 * Writes a BERT or DistilBERT with its head, of either attention, in ONNX's standard operators.
 *
 * Inputs are int64 (B, N): `input_ids`, `attention_mask` (1 at real tokens, at least one per row) and,
 * for BERT, `token_type_ids`; the output is `logits` (B, C). f32 logits are those of the engine up to
 * rounding; int8 ones are near them (see addLinear). Embeddings, LayerNorm and attention stay f32. What
 * an inhibitor costs in this form is said in attention.ts. INPUT_INVALID for a model without a head, and
 * for f32 of a quantized one.
 */
export function exportOnnx(model: Model, { precision }: ExportOptions): Uint8Array {
  const chosen = choosePrecision(model, precision);
  const { config } = chosen;
  if (config.labels === null) {
    throw new StillwattError('INPUT_INVALID', 'a model without a head has no logits to export', {
      fix: 'Train a head first: export the model of a train or distill stage.',
    });
  }
  const graph = createGraph();
  const mask = graph.add('Cast', ['attention_mask'], { to: 1 });
  const tokens = graph.add('Shape', ['input_ids'], { start: 1, end: 2 });
  const attend = createAttention(graph, chosen, { mask, tokens });
  let x = addEmbeddings(graph, chosen, tokens);
  for (let layer = 0; layer < config.layers; layer++) {
    const isLast = layer === config.layers - 1;
    x = addLayer(graph, chosen, layer, x, attend, isLast);
  }
  const logits = addHead(graph, chosen, x);
  const shape = ['batch', 'tokens'];
  const inputs = ['input_ids', 'attention_mask', ...(hasTypes(chosen) ? ['token_type_ids'] : [])];
  return graph.finish(
    inputs.map((name): Port => ({ name, type: 'int64', dims: shape })),
    { name: 'logits', type: 'float32', dims: ['batch', config.labels.length] },
    logits,
  );
}

function choosePrecision(model: Model, precision: ExportOptions['precision']): Model {
  const isQuantized = model.config.quantization !== null;
  if (precision === 'int8') {
    return isQuantized ? model : quantizeModel(model, { granularity: 'per-channel' });
  }
  if (!isQuantized) return model;
  throw new StillwattError('INPUT_INVALID', 'the model is quantized: its f32 weights are gone', {
    fix: 'Export it as int8, or export the f32 model it was made of.',
  });
}

function hasTypes({ config }: Model): boolean {
  return config.tokenTypes > 0;
}

function addEmbeddings(graph: Graph, model: Model, tokens: Value): Value {
  const table = (name: string): Value => addWeight(graph, model, `embeddings.${name}`);
  const words = graph.add('Gather', [table('word'), 'input_ids']);
  const positions = graph.add('Slice', [table('position'), graph.integers(0), tokens]);
  let sum = graph.add('Add', [words, positions]);
  if (hasTypes(model)) {
    sum = graph.add('Add', [sum, graph.add('Gather', [table('type'), 'token_type_ids'])]);
  }
  return addNorm(graph, model, 'embeddings.norm', sum);
}

/** x (B, N, H) → (B, N, H); after the last attention only the first token goes on: the head reads no other. */
function addLayer(
  graph: Graph,
  model: Model,
  layer: number,
  x: Value,
  attend: (projected: Value, layer: number) => Value,
  isLast: boolean,
): Value {
  const name = `layer.${layer}`;
  const first = (value: Value): Value =>
    isLast
      ? graph.add('Slice', [value, graph.integers(0), graph.integers(1), graph.integers(1)])
      : value;
  const context = attend(addLinear(graph, model, `${name}.qkv`, x), layer);
  const out = addLinear(graph, model, `${name}.out`, first(context));
  const middle = addNorm(graph, model, `${name}.norm1`, graph.add('Add', [out, first(x)]));
  const up = graph.add('Gelu', [addLinear(graph, model, `${name}.up`, middle)]);
  const down = addLinear(graph, model, `${name}.down`, up);
  return addNorm(graph, model, `${name}.norm2`, graph.add('Add', [down, middle]));
}

/** (B, 1, H) → logits (B, C) */
function addHead(graph: Graph, model: Model, x: Value): Value {
  const first = graph.add('Squeeze', [x, graph.integers(1)]);
  const dense = addLinear(graph, model, 'pooler', first);
  const pooled = graph.add(model.config.family === 'bert' ? 'Tanh' : 'Relu', [dense]);
  return addLinear(graph, model, 'head', pooled);
}

function addNorm(graph: Graph, model: Model, name: string, x: Value): Value {
  const [weight, bias] = ['weight', 'bias'].map((part) =>
    addWeight(graph, model, `${name}.${part}`),
  );
  const epsilon = { float: model.config.layerNormEpsilon };
  return graph.add('LayerNormalization', [x, weight!, bias!], { axis: -1, epsilon });
}

/** A float weight under its own name. */
function addWeight(graph: Graph, model: Model, name: string): Value {
  const { values, shape } = found(model.weights.get(name), name);
  return graph.tensor(name, values, shape);
}
