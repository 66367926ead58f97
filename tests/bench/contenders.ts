// The one list of contenders. Who is added here is checked, timed and recorded.
import { cores } from './suites/kernels.ts';
import { encoders } from './suites/model.ts';
import { tokenizers } from './suites/tokenizer.ts';
import { trainers } from './suites/train.ts';
import type { Contender, Shape, SuiteName } from './types.ts';

export const contenders: readonly Contender[] = [...cores, ...tokenizers, ...encoders, ...trainers];

const names = contenders.map(({ name }) => name);
const twice = names.find((name, index) => names.indexOf(name) !== index);
if (twice !== undefined) throw new Error(`two contenders are called ${twice}`);

export interface Group {
  readonly name: string;
  readonly contenders: readonly Contender[];
  readonly shapes: readonly Shape[];
}

/** What is asked for on the command line: lengths and batches of a suite are its own where none are named. */
export interface Wanted {
  readonly lengths: readonly number[] | null;
  readonly batches: readonly number[] | null;
  readonly isQuick: boolean;
}

/** Shapes of a group, in the order of the goals. */
function shapesOf(group: string, { lengths, batches, isQuick }: Wanted): [number, number][] {
  const own: Record<string, [number, number][]> = {
    tokenizer: [[1, 1]],
    'training step': isQuick ? [[2, 32]] : [[8, 128]],
    'training memory': isQuick ? [[2, 32]] : [[8, 512]],
  };
  const fixed = own[group];
  if (fixed) return fixed;
  const all = isQuick ? [32] : [32, 64, 128, 256, 512];
  const sizes = batches ?? (isQuick || group !== 'encoder' ? [1] : [1, 8]);
  return sizes.flatMap((batch) =>
    (lengths ?? all).map((tokens): [number, number] => [batch, tokens]),
  );
}

/** Groups of a suite with their shapes. */
export function groupsOf(suite: SuiteName, wanted: Wanted, threads: number): Group[] {
  const members = contenders.filter((contender) => contender.suite === suite);
  return [...new Set(members.map(({ group }) => group))].map((name) => ({
    name,
    contenders: members.filter(({ group }) => group === name),
    shapes: shapesOf(name, wanted).map(([batch, tokens]) => ({ batch, tokens, threads })),
  }));
}
