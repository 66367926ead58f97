// ONNX Runtime as a rival: the exported model in a session with pinned threads.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Model } from '@stillwatt/engine';
import { exportOnnx } from '@stillwatt/engine/onnx';
import { versionOf } from '../machine.ts';
import { timeHere } from '../measure.ts';
import type { Opened, Shape } from '../types.ts';

/** Its threads block instead of spinning while the others are timed, and while one waits for energy's sake. */
const spinning = { session: { intra_op: { allow_spinning: '0' } } };

export async function openOnnx(
  model: Model,
  precision: 'f32' | 'int8',
  threads: number,
  idsOf: (shape: Shape) => Int32Array,
): Promise<Opened> {
  const session = await InferenceSession.create(exportOnnx(model, { precision }), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    extra: spinning,
  });
  return {
    version: `onnxruntime-node ${versionOf('onnxruntime-node')}, allow_spinning 0`,
    async subject(shape) {
      const dims = [shape.batch, shape.tokens];
      const place = (values: Int32Array): Tensor =>
        new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
      const ids = idsOf(shape);
      const feeds = {
        input_ids: place(ids),
        attention_mask: place(new Int32Array(ids.length).fill(1)),
      };
      const run = () => session.run(feeds);
      return {
        output: async () => (await run()).logits!.data as Float32Array,
        time: (calls) => timeHere(calls, run),
      };
    },
    close: () => session.release(),
  };
}
