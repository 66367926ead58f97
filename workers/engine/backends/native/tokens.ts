// Embedding tables by token, and the first token of each sequence. T = B·N tokens.
import { embeddingGather, embeddingScatterAdd, type NativeKernels } from '@stillwatt/native';
import type { AttentionShape } from '../attention.ts';
import type { Memory, NativeTensor } from './memory.ts';

export function createTokens(kernels: NativeKernels, memory: Memory) {
  return {
    embed(tables: readonly NativeTensor[], indices: readonly Int32Array[]): NativeTensor {
      const [rows, hidden] = [indices[0]?.length ?? 0, tables[0]?.shape[1] ?? 0];
      const y = memory.allocate([rows, hidden]);
      for (const [at, table] of tables.entries()) {
        embeddingGather(kernels, table.values, indices[at]!, y.values, rows, hidden, at > 0);
      }
      return y;
    },

    embedGradient(dy: NativeTensor, indices: Int32Array, rows: number): NativeTensor {
      const [tokens = 0, hidden = 0] = dy.shape;
      const table = memory.allocate([rows, hidden]);
      table.values.fill(0);
      embeddingScatterAdd(kernels, dy.values, indices, table.values, tokens, hidden);
      return table;
    },

    firstTokens(x: NativeTensor, { batch, tokens }: AttentionShape): NativeTensor {
      const hidden = x.shape[1] ?? 0;
      const y = memory.allocate([batch, hidden]);
      const [from, to] = [x.values, y.values];
      for (let row = 0; row < batch; row++) {
        const start = row * tokens * hidden;
        to.set(from.subarray(start, start + hidden), row * hidden);
      }
      return y;
    },

    spreadFirstTokens(x: NativeTensor, { batch, tokens }: AttentionShape): NativeTensor {
      const hidden = x.shape[1] ?? 0;
      const y = memory.allocate([batch * tokens, hidden]);
      const [from, to] = [x.values, y.values.fill(0)];
      for (let row = 0; row < batch; row++) {
        to.set(from.subarray(row * hidden, (row + 1) * hidden), row * tokens * hidden);
      }
      return y;
    },
  };
}
