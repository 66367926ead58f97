// tf.tidy for results that hold nulls: frees every tensor made inside but those in the result.
import * as tf from '@tensorflow/tfjs-node';

export function tidy<T>(compute: () => T): T {
  return tf.tidy(compute as unknown as () => tf.TensorContainer) as unknown as T;
}
