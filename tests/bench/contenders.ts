// The one list of contenders. Who is added here is checked, timed and recorded.
import { int8Cores } from './suites/int8-cores.ts';
import { cores } from './suites/kernels.ts';
import { encoders } from './suites/model.ts';
import { tokenizers } from './suites/tokenizer.ts';
import { trainers } from './suites/train.ts';
import type { Contender, Shape, SuiteName } from './types.ts';

export const contenders: readonly Contender[] = [
  ...cores,
  ...int8Cores,
  ...tokenizers,
  ...encoders,
  ...trainers,
];

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
  readonly only: string;
  readonly isQuick: boolean;
}

/** Groups whose shape is part of their goal: --lengths and --batch leave them as they are. */
const ownShapes: Readonly<Record<string, (isQuick: boolean) => [number, number]>> = {
  tokenizer: () => [1, 1],
  'training step': (isQuick) => (isQuick ? [2, 32] : [8, 128]),
  'training memory': (isQuick) => (isQuick ? [2, 32] : [8, 512]),
};

/** Shapes of a group, in the order of the goals. */
function shapesOf(group: string, { lengths, batches, isQuick }: Wanted): [number, number][] {
  const own = ownShapes[group];
  if (own) return [own(isQuick)];
  const all = isQuick ? [32] : [32, 64, 128, 256, 512];
  const sizes = batches ?? (isQuick || group.endsWith('core') ? [1] : [1, 8]);
  return sizes.flatMap((batch) =>
    (lengths ?? all).map((tokens): [number, number] => [batch, tokens]),
  );
}

/** Groups of a suite with their shapes. */
export function groupsOf(suite: SuiteName, wanted: Wanted, threads: number): Group[] {
  const members = contenders.filter(
    (contender) => contender.suite === suite && contender.name.includes(wanted.only),
  );
  return [...new Set(members.map(({ group }) => group))].map((name) => ({
    name,
    contenders: members.filter(({ group }) => group === name),
    shapes: shapesOf(name, wanted).map(([batch, tokens]) => ({ batch, tokens, threads })),
  }));
}

/** Whether a contender is timed at a shape, of those that its group has in these suites. */
export function takesPart(
  name: string,
  shape: Shape,
  wanted: Wanted,
  suites: readonly SuiteName[],
): boolean {
  const contender = contenders.find((each) => each.name === name);
  if (!contender || !suites.includes(contender.suite)) return false;
  if (!(contender.fits?.(shape) ?? true)) return false;
  return shapesOf(contender.group, wanted).some(
    ([batch, tokens]) => batch === shape.batch && tokens === shape.tokens,
  );
}
