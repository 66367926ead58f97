// The space of a sweep: which cells there are, which axes matter in them, and each cell's run spec.
import {
  checkRunSpec,
  type Experiment,
  type RunSpec,
  StillwattError,
  type SweepSpec,
} from '@stillwatt/contracts';
import type { CellValue } from './axis.ts';

/** Values by spec path, in file order. */
export type Cell = Record<string, CellValue>;

/**
 * Axes that matter only under a value of another path: settings of the inhibitor do nothing in a
 * dot-product student, so such cells are equal and count once.
 */
const conditions = [
  { prefix: 'student.inhibitor.', path: 'student.attention', value: 'inhibitor' },
];

/** True if changing `path` changes the run that `cell` describes. */
export function isActive(path: string, cell: Cell): boolean {
  return conditions.every(
    (when) => !path.startsWith(when.prefix) || (cell[when.path] ?? when.value) === when.value,
  );
}

/** The cell without the axes that do nothing in it. */
export function activePart(cell: Cell): Cell {
  return Object.fromEntries(Object.entries(cell).filter(([path]) => isActive(path, cell)));
}

/**
 * The spec of one cell and seed: the file's values, the cell's over them, defaults filled in again.
 * @throws StillwattError SPEC_INVALID with the path and the cell when the combination is impossible.
 */
export function specOfCell(experiment: Experiment, cell: Cell, seed: number): RunSpec {
  const { seeds: _seeds, sweep, ...parts } = experiment;
  const draft = structure(parts);
  for (const [path, value] of Object.entries(cell)) setPath(draft, path, value);
  dropInactive(draft, sweep);
  const checked = checkRunSpec({ ...draft, seed });
  if (checked.ok) return checked.spec;
  const issue = checked.issues[0];
  const values = Object.entries(cell).map(([path, value]) => `${path}=${String(value)}`);
  const where = values.length === 0 ? '' : ` (in the cell ${values.join(', ')})`;
  throw new StillwattError('SPEC_INVALID', `${issue?.path ?? ''}: ${issue?.reason ?? ''}${where}`, {
    path: issue?.path ?? '',
    fix: issue?.fix ?? 'change the spec',
  });
}

type Tree = { [key: string]: unknown };

/** A deep copy of plain data; workflow code has no structuredClone. */
function structure(value: object): Tree {
  return JSON.parse(JSON.stringify(value)) as Tree;
}

function setPath(root: Tree, path: string, value: CellValue): void {
  const keys = path.split('.');
  let at = root;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null) at[key] = {};
    at = at[key] as Tree;
  }
  at[keys.at(-1) as string] = value;
}

/** A file may hold inhibitor settings beside a swept attention: dot-product cells go without them. */
function dropInactive(draft: Tree, sweep: SweepSpec | undefined): void {
  const student = draft['student'] as Tree;
  const isSwept = sweep !== undefined && 'student.attention' in sweep.over;
  if (isSwept && student['attention'] !== 'inhibitor') delete student['inhibitor'];
}
