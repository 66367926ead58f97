// Attention cores in ONNX's standard operators. B sequences, N tokens, h heads of d features, H = h·d.
import type { ModelConfig } from '../models/config.ts';
import { found } from '../models/weights.ts';
import type { Model } from '../models/model.ts';
import type { Graph, Value } from './graph.ts';

/** Added to the scores of masked keys, as in the engine. */
const maskedScore = -1e9;

/** What all layers of a graph share: made once from the mask. */
export interface MaskValues {
  /** (B, N): 1 at real tokens */
  readonly mask: Value;
  /** (1): N */
  readonly tokens: Value;
}

/** Adds the core of one layer: projected (B, N, 3·H) → context (B, N, H). */
export type AttentionWriter = (projected: Value, layer: number) => Value;

export function createAttention(graph: Graph, model: Model, values: MaskValues): AttentionWriter {
  return model.config.attention.kind === 'dot'
    ? createDot(graph, model.config, values)
    : createInhibitor(graph, model, values);
}

function createDot(graph: Graph, config: ModelConfig, { mask }: MaskValues): AttentionWriter {
  const features = config.hidden / config.heads;
  const masked = graph.add('Sub', [graph.scalar(1), mask]);
  const scaled = graph.add('Mul', [masked, graph.scalar(maskedScore)]);
  const bias = graph.add('Unsqueeze', [scaled, graph.integers(1, 2)]); // (B, 1, 1, N)
  return (projected) => {
    const [q, k, v] = splitHeads(graph, config, projected, [
      [0, 2, 1, 3],
      [0, 2, 3, 1],
      [0, 2, 1, 3],
    ]);
    const scores = graph.add('MatMul', [q, k]); // (B, h, N, N)
    const steps = graph.add('Mul', [scores, graph.scalar(1 / Math.sqrt(features))]);
    const weights = graph.add('Softmax', [graph.add('Add', [steps, bias])], { axis: -1 });
    return joinHeads(graph, graph.add('MatMul', [weights, v]));
  };
}

/**
 * The inhibitor as a Scan over the B·h heads, one at a time. Standard operators have no fused form of
 * it: the differences and the clamped values of a head are tensors of N·N·d floats (67 MB at N = 512
 * and d = 64), written and read about five times, of which two live at once. That is memory O(N·N·d)
 * whatever the batch, and time bound by memory: this form is for exchange and as a peer, not for speed.
 */
function createInhibitor(
  graph: Graph,
  model: Model,
  { mask, tokens }: MaskValues,
): AttentionWriter {
  const { config } = model;
  const { heads, attention } = config;
  if (attention.kind !== 'inhibitor') throw new Error('not an inhibitor model');
  const features = config.hidden / heads;
  const keepFirst = graph.integers(1); // axes
  const perHead = graph.add('Concat', [graph.integers(-1), tokens, graph.integers(features)], {
    axis: 0,
  });
  const perSequence = graph.add(
    'Concat',
    [graph.integers(-1, heads), tokens, graph.integers(features)],
    { axis: 0 },
  );
  const spread = graph.add('Concat', [graph.integers(1, heads), graph.integers(1)], { axis: 0 });
  const masks = graph.add('Reshape', [
    graph.add('Expand', [graph.add('Unsqueeze', [mask, keepFirst]), spread]), // (B, h, N)
    graph.add('Concat', [graph.integers(-1), tokens], { axis: 0 }),
  ]);
  const keys = graph.add('ReduceSum', [mask, keepFirst]); // (B, 1)
  const divisor = graph.add('Unsqueeze', [keys, graph.integers(2, 3)]); // (B, 1, 1, 1)
  const rows = graph.add('Unsqueeze', [mask, graph.integers(2)]); // (B, N, 1)
  return (projected, layer) => {
    const read = (name: string): Float32Array => {
      const full = `layer.${layer}.inhibitor.${name}`;
      return found(model.weights.get(full), full).values as Float32Array;
    };
    const beta = read('beta');
    const split = splitHeads(graph, config, projected, [
      [0, 2, 1, 3],
      [0, 2, 1, 3],
      [0, 2, 1, 3],
    ]);
    const items = split.map((part) => graph.add('Reshape', [part, perHead])); // (B·h, N, d)
    const body = writeHead(graph, {
      centerOverAll: attention.centerOver === 'all',
      slope: read('gamma')[0]! / Math.sqrt(features),
      alpha: read('alpha')[0]!,
      prefix: `layer.${layer}.inhibitor`,
    });
    const scanned = graph.add('Scan', [...items, masks], { body, num_scan_inputs: 4 });
    const sums = graph.add('Reshape', [scanned, perSequence]); // (B, h, N, d)
    const scale = graph.tensor(`layer.${layer}.inhibitor.beta`, beta, [beta.length, 1, 1]);
    const scaled = graph.add('Mul', [sums, scale]);
    const divided =
      attention.normalise === 'validKeys' ? graph.add('Div', [scaled, divisor]) : scaled;
    // Padded queries are 0, as in the engine: with `centerOver: all` later layers see them.
    return graph.add('Mul', [joinHeads(graph, divided), rows]);
  };
}

interface HeadSettings {
  readonly centerOverAll: boolean;
  readonly slope: number;
  readonly alpha: number;
  readonly prefix: string;
}

/** One head: q, k, v (N, d) and mask (N) → Σ_j v − clamp(v, −z, z) (N, d). */
function writeHead(graph: Graph, { centerOverAll, slope, alpha, prefix }: HeadSettings) {
  const inputs = ['q', 'k', 'v', 'mask'].map((name) => `${prefix}.${name}`);
  const [q, k, v, mask] = inputs as [Value, Value, Value, Value];
  const [first, last] = [graph.integers(0), graph.integers(-1)];
  return graph.body(inputs, () => {
    const pairs = graph.add('Sub', [
      graph.add('Unsqueeze', [q, graph.integers(1)]),
      graph.add('Unsqueeze', [k, first]),
    ]); // (N, N, d)
    const distances = graph.add('ReduceL1', [pairs, last], { keepdims: 0 }); // (N, N)
    const z = graph.add('Mul', [distances, graph.scalar(slope)]);
    const mean = centerOverAll
      ? graph.add('ReduceMean', [z, last])
      : graph.add('Div', [
          graph.add('ReduceSum', [graph.add('Mul', [z, mask]), last]),
          graph.add('ReduceSum', [mask, last]),
        ]);
    const shifted = graph.add('Add', [graph.add('Sub', [z, mean]), graph.scalar(alpha)]);
    // A masked key has score 0 and value 0: it adds exactly nothing.
    const scores = graph.add('Mul', [graph.add('Relu', [shifted]), mask]);
    const values = graph.add('Mul', [v, graph.add('Unsqueeze', [mask, last])]);
    const upper = graph.add('Unsqueeze', [scores, last]); // (N, N, 1)
    const capped = graph.add('Min', [graph.add('Unsqueeze', [values, first]), upper]);
    const clamped = graph.add('Max', [capped, graph.add('Neg', [upper])]); // (N, N, d)
    const inhibited = graph.add('ReduceSum', [clamped, graph.integers(1)], { keepdims: 0 });
    const sum = graph.add('ReduceSum', [values, first]); // (1, d)
    return [graph.add('Sub', [sum, inhibited])];
  });
}

function splitHeads(
  graph: Graph,
  { heads, hidden }: ModelConfig,
  projected: Value,
  orders: readonly (readonly number[])[],
): [Value, Value, Value] {
  const shape = graph.integers(0, 0, heads, hidden / heads);
  const parts = graph.addMany('Split', [projected], 3, { axis: -1, num_outputs: 3 });
  return parts.map((part, index) =>
    graph.add('Transpose', [graph.add('Reshape', [part, shape])], { perm: orders[index]! }),
  ) as [Value, Value, Value];
}

/** (B, h, N, d) → (B, N, H) */
function joinHeads(graph: Graph, context: Value): Value {
  const ordered = graph.add('Transpose', [context], { perm: [0, 2, 1, 3] });
  return graph.add('Reshape', [ordered, graph.integers(0, 0, -1)]);
}
