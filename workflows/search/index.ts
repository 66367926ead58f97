// Spaces and samplers: pure and seeded.
export type { CellValue } from './axis.ts';
export { draw } from './draw.ts';
export { maxCells } from './grid.ts';
export { firingId } from './firing.ts';
export {
  checkCells,
  checkSweep,
  isSweep,
  planSweep,
  singleRun,
  type SweepPlan,
  sweepRunId,
} from './plan.ts';
export type { Cell } from './space.ts';
