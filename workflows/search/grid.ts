// Grid: the product of the axes in file order, the last axis fastest.
import { StillwattError, type SweepSpec } from '@stillwatt/contracts';
import type { CellValue } from './axis.ts';
import { activePart, type Cell, isActive } from './space.ts';

/** More cells than this are a mistake in the file, and their list would not fit a workflow's memory. */
export const maxCells = 100_000;

/** Every different cell of the grid. */
export function gridCells(sweep: SweepSpec): Cell[] {
  const axes = Object.entries(sweep.over).map(([path, axis]) => {
    if (!Array.isArray(axis)) {
      throw invalid(path, 'a range has no grid', 'list values, or set sweep.sampler: random');
    }
    if (new Set(axis).size !== axis.length) {
      throw invalid(path, 'names the same value twice', 'name each value once');
    }
    return { path, values: axis };
  });
  const size = axes.reduce((product, axis) => product * axis.values.length, 1);
  if (size > maxCells) {
    throw invalid(
      '',
      `has ${size} cells, more than ${maxCells}`,
      'use sampler: random with samples',
    );
  }
  const cells: Cell[] = [];
  for (let index = 0; index < size; index++) {
    let rest = index;
    const places: [string, number, CellValue][] = [];
    for (const { path, values } of axes.toReversed()) {
      const place = rest % values.length;
      places.unshift([path, place, values[place] as CellValue]);
      rest = Math.floor(rest / values.length);
    }
    const cell: Cell = Object.fromEntries(places.map(([path, , value]) => [path, value]));
    // Of cells that differ only where it does nothing, the one with first values stands for all.
    const isFirst = places.every(([path, place]) => place === 0 || isActive(path, cell));
    if (isFirst) cells.push(activePart(cell));
  }
  return cells;
}

function invalid(path: string, reason: string, fix: string): StillwattError {
  const at = path === '' ? 'sweep.over' : `sweep.over.${path}`;
  return new StillwattError('SPEC_INVALID', `${at} ${reason}`, { path: at, fix });
}
