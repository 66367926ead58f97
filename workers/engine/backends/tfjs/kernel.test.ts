import { expect, test } from 'vitest';
import { dotAttention } from './dot-attention.ts';
import { createRegistry } from './kernel.ts';

test('two kernels of one name are refused, and a kind without a kernel', () => {
  expect(() => createRegistry([dotAttention, dotAttention])).toThrow(/dot-tfjs/);
  expect(() => createRegistry([dotAttention])('inhibitor')).toThrow(/inhibitor/);
});
