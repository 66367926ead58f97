// What an experiment file means: one run, or a sweep of so many.
import { type Experiment, makeId, type RunSpec, StillwattError } from '@stillwatt/contracts';
import { gridCells, maxCells } from './grid.ts';
import { sha256 } from './hash.ts';
import { randomCell } from './random.ts';
import { type Cell, specOfCell } from './space.ts';

/** A sweep laid out: run `i` of `size` has a cell and a resolved spec with one seed. */
export interface SweepPlan {
  size: number;
  /** @throws StillwattError SPEC_INVALID when the values are impossible together, RangeError outside. */
  cell(index: number): { cell: Cell; spec: RunSpec };
}

/** True if the file means several runs: a space, or more than one seed. */
export function isSweep(experiment: Experiment): boolean {
  return experiment.sweep !== undefined || experiment.seeds.length > 1;
}

/** The run that a file without space and with one seed means. */
export function singleRun(experiment: Experiment): RunSpec {
  const [seed, ...others] = experiment.seeds;
  if (seed === undefined || others.length > 0 || experiment.sweep) {
    throw new StillwattError('SPEC_INVALID', 'the file means a sweep, not one run', {
      path: experiment.sweep ? 'sweep' : 'seeds',
      fix: 'start it as a sweep',
    });
  }
  return specOfCell(experiment, {}, seed);
}

/** Cells in file order, each with every seed before the next cell; `size` is exact. */
export function planSweep(experiment: Experiment): SweepPlan {
  const { sweep, seeds } = experiment;
  const cells = sweep === undefined ? [{}] : sweep.sampler === 'grid' ? gridCells(sweep) : null;
  const size = (cells?.length ?? sweep?.samples ?? 0) * seeds.length;
  if (size > maxCells) {
    throw new StillwattError('SPEC_INVALID', `the sweep has ${size} runs, more than ${maxCells}`, {
      path: 'sweep',
      fix: 'use fewer seeds, values or samples',
    });
  }
  return {
    size,
    cell(index) {
      if (!Number.isInteger(index) || index < 0 || index >= size) {
        throw new RangeError(`run ${index} of ${size}`);
      }
      const place = Math.floor(index / seeds.length);
      const cell = cells ? cells[place] : sweep && randomCell(sweep, place);
      const seed = seeds[index % seeds.length];
      return { cell: cell ?? {}, spec: specOfCell(experiment, cell ?? {}, seed ?? 0) };
    },
  };
}

/**
 * Resolves every cell, so that an impossible one is refused before the first run starts. A generator,
 * for callers that must not hold their thread: it yields after each cell.
 * @throws StillwattError SPEC_INVALID of the first such cell.
 */
export function* checkCells(experiment: Experiment): Generator<void> {
  const plan = planSweep(experiment);
  // Seeds change nothing about validity: the first of each cell stands for all.
  for (let i = 0; i < plan.size; i += experiment.seeds.length) yield void plan.cell(i);
}

/** Lays the sweep out and checks every cell; about 0.1 ms each. */
export function checkSweep(experiment: Experiment): SweepPlan {
  for (const _ of checkCells(experiment));
  return planSweep(experiment);
}

/** Id of run `index` of a sweep: the same on replay, after continue-as-new and on a second look. */
export function sweepRunId(sweepId: string, index: number): string {
  return makeId('run', sha256(`${sweepId}/${index}`));
}
