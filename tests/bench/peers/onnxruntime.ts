// ONNX Runtime as a rival: the exported model in a session of so many threads.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Model } from '@stillwatt/engine';
import { exportOnnx } from '@stillwatt/engine/onnx';
import { versionOf } from '../machine.ts';
import { timeHere } from '../measure.ts';
import type { Opened, Shape } from '../types.ts';

/**
 * How threads wait for the next operator. `spinning` is the default, which wins time and costs CPU-seconds;
 * at the end of a run it stops, so that others are timed undisturbed.
 */
export type Waiting = 'spinning' | 'blocking';

const sessions = {
  spinning: { intra_op: { allow_spinning: '1' }, force_spinning_stop: '1' },
  blocking: { intra_op: { allow_spinning: '0' } },
};

export async function openOnnx(
  model: Model,
  precision: 'f32' | 'int8',
  threads: number,
  waiting: Waiting,
  idsOf: (shape: Shape) => Int32Array,
): Promise<Opened> {
  const session = await InferenceSession.create(exportOnnx(model, { precision }), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    extra: { session: sessions[waiting] },
  });
  return {
    version: `onnxruntime-node ${versionOf('onnxruntime-node')}, ${waiting} threads`,
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
