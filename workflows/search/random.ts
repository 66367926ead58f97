// Random: independent draws of every axis; draw (sample, axis) never depends on how many there are.
import type { SweepSpec } from '@stillwatt/contracts';
import { valueAt } from './axis.ts';
import { draw } from './draw.ts';
import { activePart, type Cell } from './space.ts';

/** Axes per sample in the numbering of draws: room for any file, and fixed so that draws never move. */
const axesPerSample = 1024;

/** Cell of draw `sample`; growing `samples` keeps the earlier ones. */
export function randomCell(sweep: SweepSpec, sample: number): Cell {
  const values = Object.entries(sweep.over).map(([path, axis], i) => [
    path,
    valueAt(path, axis, draw(sweep.seed, sample * axesPerSample + i)),
  ]);
  return activePart(Object.fromEntries(values) as Cell);
}
