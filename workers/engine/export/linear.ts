// Linear layers in ONNX: a float product, or the integer product of a dynamically quantized model.
import type { Model } from '../models/model.ts';
import { found } from '../models/weights.ts';
import type { Graph, Value } from './graph.ts';

/**
 * y = x Wᵀ + b with the weights `<name>.weight` and `<name>.bias`; x (…, I), y (…, O).
 *
 * An int8 weight becomes what onnxruntime's dynamic quantizer writes, so that the runtime fuses it as
 * its own: activations are u8 with one scale and zero point for the whole tensor, where the engine has
 * a scale per token, so logits are near the engine's and not equal. Processors without VNNI saturate
 * 16-bit sums in the runtime's u8×i8 product (its `reduce_range` option is there for that).
 */
export function addLinear(graph: Graph, model: Model, name: string, x: Value): Value {
  const { shape, values, scales } = found(model.weights.get(`${name}.weight`), `${name}.weight`);
  const bias = found(model.weights.get(`${name}.bias`), `${name}.bias`).values;
  const [outputs = 0, inputs = 0] = shape;
  // ONNX multiplies from the right with (I, O).
  const weight = graph.tensor(`${name}.weight`, transpose(values, outputs, inputs), [
    inputs,
    outputs,
  ]);
  const product = scales
    ? addIntegerProduct(graph, x, weight, graph.tensor(`${name}.scale`, scales))
    : graph.add('MatMul', [x, weight]);
  return graph.add('Add', [product, graph.tensor(`${name}.bias`, bias)]);
}

function addIntegerProduct(graph: Graph, x: Value, weight: Value, scale: Value): Value {
  const [bytes, step, zero] = graph.addMany('DynamicQuantizeLinear', [x], 3);
  const sums = graph.add('MatMulInteger', [bytes!, weight, zero!]);
  const floats = graph.add('Cast', [sums], { to: 1 });
  return graph.add('Mul', [floats, graph.add('Mul', [step!, scale])]);
}

/** By strips of rows, so that what is written lies together. */
function transpose<T extends Float32Array | Int8Array>(
  values: T,
  rows: number,
  columns: number,
): T {
  const out = values.slice() as T;
  const strip = 16;
  for (let from = 0; from < rows; from += strip) {
    const to = Math.min(from + strip, rows);
    for (let column = 0; column < columns; column++) {
      for (let row = from; row < to; row++) {
        out[column * rows + row] = values[row * columns + column]!;
      }
    }
  }
  return out;
}
