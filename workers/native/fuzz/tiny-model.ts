// The files of a random one-layer DistilBERT of a few hundred weights.

const [hidden, intermediate, vocabulary, positions, labels] = [8, 12, 10, 16, 2];

export function tinyFiles(): { config: Uint8Array; weights: Uint8Array } {
  const config = {
    model_type: 'distilbert',
    architectures: ['DistilBertForSequenceClassification'],
    dim: hidden,
    n_layers: 1,
    n_heads: 2,
    hidden_dim: intermediate,
    vocab_size: vocabulary,
    max_position_embeddings: positions,
  };
  const layer = 'distilbert.transformer.layer.0.';
  const shapes: [string, ...number[]][] = [
    ['distilbert.embeddings.word_embeddings.weight', vocabulary, hidden],
    ['distilbert.embeddings.position_embeddings.weight', positions, hidden],
    ...norm('distilbert.embeddings.LayerNorm'),
    ...linear(`${layer}attention.q_lin`, hidden, hidden),
    ...linear(`${layer}attention.k_lin`, hidden, hidden),
    ...linear(`${layer}attention.v_lin`, hidden, hidden),
    ...linear(`${layer}attention.out_lin`, hidden, hidden),
    ...norm(`${layer}sa_layer_norm`),
    ...linear(`${layer}ffn.lin1`, intermediate, hidden),
    ...linear(`${layer}ffn.lin2`, hidden, intermediate),
    ...norm(`${layer}output_layer_norm`),
    ...linear('pre_classifier', hidden, hidden),
    ...linear('classifier', labels, hidden),
  ];
  const header: Record<string, object> = {};
  let end = 0;
  for (const [name, ...shape] of shapes) {
    const from = end;
    end += 4 * shape.reduce((product, side) => product * side, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [from, end] };
  }
  const encoder = new TextEncoder();
  const json = encoder.encode(JSON.stringify(header));
  const values = Float32Array.from({ length: end / 4 }, (_, at) => Math.sin(at));
  const weights = new Uint8Array(8 + json.length + end);
  new DataView(weights.buffer).setBigUint64(0, BigInt(json.length), true);
  weights.set(json, 8);
  weights.set(new Uint8Array(values.buffer), 8 + json.length);
  return { config: encoder.encode(JSON.stringify(config)), weights };
}

function linear(name: string, outputs: number, inputs: number): [string, ...number[]][] {
  return [
    [`${name}.weight`, outputs, inputs],
    [`${name}.bias`, outputs],
  ];
}

function norm(name: string): [string, ...number[]][] {
  return [
    [`${name}.weight`, hidden],
    [`${name}.bias`, hidden],
  ];
}
