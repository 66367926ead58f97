// Sweeps are laid out in file order, counted exactly, and every cell is a valid run.
import { checkExperiment, type Experiment } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { valueAt } from './axis.ts';
import { checkSweep, isSweep, planSweep, singleRun, sweepRunId } from './plan.ts';

function experiment(parts: Record<string, unknown>): Experiment {
  const checked = checkExperiment({ experiment: 'test', ...parts });
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return checked.spec;
}

const cells = (file: Experiment) => {
  const plan = planSweep(file);
  return Array.from({ length: plan.size }, (_, i) => plan.cell(i));
};

describe('grid', () => {
  it('walks the product in file order, last axis fastest, every seed of a cell together', () => {
    const file = experiment({
      seeds: [1, 2],
      sweep: { over: { 'student.layers': [2, 3], 'distill.temperature': [1, 2, 4] } },
    });
    const all = cells(file);
    expect(all).toHaveLength(12);
    expect(all.map(({ cell, spec }) => [...Object.values(cell), spec.seed]).slice(0, 7)).toEqual([
      [2, 1, 1],
      [2, 1, 2],
      [2, 2, 1],
      [2, 2, 2],
      [2, 4, 1],
      [2, 4, 2],
      [3, 1, 1],
    ]);
    expect(all[6]?.spec.student.layers).toBe(3);
    expect(all[4]?.spec.distill.temperature).toBe(4);
    expect('sweep' in (all[0]?.spec ?? {})).toBe(false);
  });

  it('counts settings of the inhibitor once in dot-product cells', () => {
    const file = experiment({
      sweep: {
        over: {
          'student.attention': ['dot', 'inhibitor'],
          'student.inhibitor.centerOver': ['valid', 'all'],
        },
      },
    });
    expect(cells(file).map(({ cell }) => cell)).toEqual([
      { 'student.attention': 'dot' },
      { 'student.attention': 'inhibitor', 'student.inhibitor.centerOver': 'valid' },
      { 'student.attention': 'inhibitor', 'student.inhibitor.centerOver': 'all' },
    ]);
  });

  it('drops inhibitor settings of the file in dot-product cells', () => {
    const file = experiment({
      student: { inhibitor: { qkGradient: 'clamp' } },
      sweep: { over: { 'student.attention': ['dot', 'inhibitor'] } },
    });
    const [dot, inhibitor] = cells(file);
    expect(dot?.spec.student.inhibitor).toBeUndefined();
    expect(inhibitor?.spec.student.inhibitor?.qkGradient).toBe('clamp');
  });

  it('refuses the same value twice and spaces beyond any use', () => {
    const twice = experiment({ sweep: { over: { 'student.layers': [3, 3] } } });
    expect(() => planSweep(twice)).toThrow('same value twice');
    const many = Array.from({ length: 400 }, (_, i) => i / 1000 + 0.001);
    const huge = experiment({
      sweep: { over: { 'distill.temperature': many, 'distill.taskWeight': many } },
    });
    expect(() => planSweep(huge)).toThrow('160000 cells');
  });
});

describe('random', () => {
  const over = {
    'distill.learningRate': { min: 1e-5, max: 1e-3, scale: 'log' },
    'student.layers': { min: 1, max: 4, integer: true },
    'student.attention': ['dot', 'inhibitor'],
  };
  const file = experiment({ seeds: [5, 6], sweep: { sampler: 'random', samples: 200, over } });

  it('keeps to its bounds, reaches both ends of integers, and repeats', () => {
    const all = cells(file);
    expect(all).toHaveLength(400);
    const layers = all.map(({ spec }) => spec.student.layers);
    expect(new Set(layers)).toEqual(new Set([1, 2, 3, 4]));
    const rates = all.map(({ spec }) => spec.distill.learningRate);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-5);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-3);
    // On a log scale half of the draws lie below the geometric mean; on a linear one a tenth would.
    const low = rates.filter((rate) => rate < 1e-4).length / rates.length;
    expect(low).toBeGreaterThan(0.4);
    expect(low).toBeLessThan(0.6);
    expect(cells(file)).toEqual(all);
  });

  it('keeps earlier draws when samples grow, and gives both seeds the same cell', () => {
    const more = experiment({ seeds: [5, 6], sweep: { sampler: 'random', samples: 300, over } });
    expect(cells(more).slice(0, 400)).toEqual(cells(file));
    expect(cells(file)[0]?.cell).toEqual(cells(file)[1]?.cell);
  });

  it('gives each integer its share and refuses a range without one', () => {
    const axis = { min: 1, max: 3, scale: 'linear', integer: true } as const;
    expect([0, 0.34, 0.99].map((u) => valueAt('x', axis, u))).toEqual([1, 2, 3]);
    expect(() => valueAt('x', { ...axis, min: 1.2, max: 1.8 }, 0)).toThrow('no integer');
  });
});

describe('runs and ids', () => {
  it('treats several seeds as a sweep and one as a run', () => {
    expect(isSweep(experiment({}))).toBe(false);
    expect(singleRun(experiment({ seeds: [9] })).seed).toBe(9);
    const seeds = experiment({ seeds: [1, 2, 3] });
    expect(isSweep(seeds)).toBe(true);
    expect(cells(seeds).map(({ cell, spec }) => [cell, spec.seed])).toEqual([
      [{}, 1],
      [{}, 2],
      [{}, 3],
    ]);
    expect(() => singleRun(seeds)).toThrow('sweep');
  });

  it('finds an impossible cell and names it before anything starts', () => {
    const file = experiment({
      student: { layers: 2, init: [0, 5] },
      sweep: { over: { 'student.layers': [2, 3] } },
    });
    expect(planSweep(file).size).toBe(2);
    expect(() => checkSweep(file)).toThrow('student.layers=3');
  });

  it('makes ids that repeat and differ', () => {
    const ids = Array.from({ length: 1000 }, (_, i) => sweepRunId('sweep_0123456789ab', i));
    expect(new Set(ids).size).toBe(1000);
    expect(ids[7]).toBe(sweepRunId('sweep_0123456789ab', 7));
    expect(ids[7]).not.toBe(sweepRunId('sweep_0123456789ac', 7));
  });
});
