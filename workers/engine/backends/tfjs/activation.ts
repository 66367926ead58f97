// Activations of the pooler: tanh (BERT) and ReLU (DistilBERT), elementwise.
import * as tf from '@tensorflow/tfjs-node';

export function activate(kind: 'tanh' | 'relu', x: tf.Tensor): tf.Tensor {
  return kind === 'tanh' ? tf.tanh(x) : tf.relu(x);
}

/** dy · f′ by the output y. */
export function activateGradient(kind: 'tanh' | 'relu', dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const slope = kind === 'tanh' ? tf.sub(1, tf.square(y)) : tf.cast(tf.greater(y, 0), 'float32');
    return tf.mul(dy, slope);
  });
}
