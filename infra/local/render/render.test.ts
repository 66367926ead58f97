// What a terminal shows: lines, tables, figures.
import type { ModelRow, RunDetail, StageView } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { createPaint } from './colour.ts';
import { renderColumns } from './columns.ts';
import { cut, formatSeconds, formatSi, formatSignificant, widthOf } from './format.ts';
import { createLiveView } from './live-view.ts';
import { distinctModels, renderResults } from './result-table.ts';
import { endLine, liveLine, runLabel } from './stage-line.ts';
import { renderSummary } from './summary.ts';

const plain = createPaint(false);
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function stage(more: Partial<StageView> = {}): StageView {
  return {
    path: 'run_1/distill',
    name: 'distill',
    kind: 'distill',
    model: 'student',
    state: 'running',
    key: null,
    ownerPath: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: null,
    phase: 'align',
    done: 150,
    total: 300,
    unit: 'steps',
    ratePerSecond: 4.123,
    etaSeconds: 36.4,
    attempts: [],
    output: null,
    summary: null,
    provenance: null,
    error: null,
    ...more,
  };
}

function model(more: Partial<ModelRow> = {}): ModelRow {
  return {
    role: 'teacher',
    attention: 'dot',
    precision: 'f32',
    layers: 6,
    parameters: 22_700_000,
    sizeBytes: 90_900_000,
    digest: digest('a'),
    metrics: { f1: 0.861, accuracy: 0.8557 },
    n: 1068,
    latency: [32, 128].map((length) => ({
      length,
      batch: 1,
      requests: 100,
      p50Ms: length / 5,
      p95Ms: length / 4,
      p99Ms: length / 3,
      throughputPerSecond: 5000 / length,
      energyPerInference: { value: null, reason: 'no meter on this machine', method: null },
    })),
    peakRssBytes: 1e9,
    profiledBy: null,
    ...more,
  };
}

function run(id: string, attention: 'dot' | 'inhibitor', more: Partial<RunDetail> = {}): RunDetail {
  const student = { attention, layers: 3 } as const;
  return {
    id,
    projectId: 'prj_1',
    sweepId: 'sweep_1',
    experiment: 'demo',
    cell: { 'student.attention': attention },
    seed: 1,
    state: 'succeeded',
    task: 'movie-snippets',
    attention,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:03:20.000Z',
    requestedBy: null,
    schedule: null,
    progress: 1,
    etaSeconds: null,
    models: [
      model({ ...student, role: 'quantized', precision: 'int8', digest: digest(`b`) }),
      model({ ...student, role: 'student', digest: digest('c') }),
      model(),
    ],
    error: null,
    spec: {} as RunDetail['spec'],
    stages: [stage({ path: `${id}/distill` })],
    lastEventId: '0',
    ...more,
  };
}

describe('figures', () => {
  it.each([
    [0.0041, 'J', '4.10 mJ'],
    [22_712_000, 'B', '22.7 MB'],
    [999_960, 'B', '1.00 MB'],
    [0, 'J', '0 J'],
    [1, 'B', '1.00 B'],
  ])('%s %s is %s', (value, unit, text) => {
    expect(formatSi(value, unit)).toBe(text);
  });

  it('have three significant digits', () => {
    expect([12.345, 0.09996, 123_456, 9.996].map(formatSignificant)).toEqual([
      '12.3',
      '0.100',
      '123456',
      '10.0',
    ]);
  });

  it('say durations as people do', () => {
    expect([4.24, 48.4, 200, 3599.6, 7500].map(formatSeconds)).toEqual([
      '4.2 s',
      '48 s',
      '3 min 20 s',
      '1 h 00 min',
      '2 h 05 min',
    ]);
  });
});

describe('a stage line', () => {
  it('shows how far, how fast and how long, within its width', () => {
    const line = liveLine('inhibitor distill', stage(), 100, plain);
    expect(line).toContain('████████░░░░░░░░');
    expect(line).toContain(' 50 %');
    expect(line).toContain('align  150/300 steps  4.12/s  36 s left');
    // Where it is narrow, the rate goes first, then the steps: what is left stays.
    expect(liveLine('x', stage(), 88, plain)).toMatch(/align {2}150\/300 steps {2}36 s left$/);
    expect(liveLine('x', stage(), 80, plain)).toMatch(/align {2}36 s left$/);
    for (const width of [80, 100]) {
      const text = liveLine('a'.repeat(60), stage({ phase: 'p'.repeat(90) }), width, plain);
      expect(widthOf(text)).toBeLessThanOrEqual(width);
    }
  });

  it('does not invent a rate', () => {
    const line = liveLine(
      'data',
      stage({ ratePerSecond: null, etaSeconds: null, total: null }),
      90,
      plain,
    );
    expect(line).toMatch(/ 0 % {2}align$/);
  });

  it('says how a stage ended', () => {
    const finished = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:58Z' };
    expect(endLine('x', stage({ ...finished, state: 'succeeded' }), plain)).toContain('58 s');
    const cached = stage({ state: 'cached', ownerPath: 'run_0/distill' });
    expect(endLine('x', cached, plain)).toContain('from cache, computed by run_0/distill');
    expect(endLine('x', cached, plain, 'dot distill')).toContain('computed once, with dot distill');
    const error = {
      code: 'DIVERGED',
      message: 'loss is NaN',
      fix: 'lower it',
      retryable: false,
    } as const;
    expect(endLine('x', stage({ state: 'failed', error }), plain)).toMatch(
      /DIVERGED: loss is NaN\n.*→ lower it/,
    );
  });

  it('names a run by what its sweep chose, or its seed', () => {
    expect(runLabel(run('run_1', 'dot'), 2)).toBe('dot');
    expect(runLabel({ ...run('run_1', 'dot'), cell: {} }, 2)).toBe('seed 1');
    expect(runLabel(run('run_1', 'dot'), 1)).toBe('');
  });
});

describe('the live view', () => {
  function record(isTerminal: boolean, rows = 24) {
    let text = '';
    let at = 0;
    const view = createLiveView({
      write: (more) => (text += more),
      isTerminal,
      columns: () => 100,
      rows: () => rows,
      paint: plain,
      now: () => at,
    });
    return { view, take: () => [text, (text = '')][0] ?? '', pass: (ms: number) => (at += ms) };
  }

  it('redraws running stages and lets ended ones scroll by once', () => {
    const { view, take } = record(true);
    const ended = stage({ path: 'run_1/data', name: 'data', state: 'succeeded' });
    view.update([run('run_1', 'dot', { stages: [ended, stage()] })]);
    expect(take()).toMatch(/^✓ data .*\n▸ distill .*\n$/);
    view.update([run('run_1', 'dot', { stages: [ended, stage({ done: 300 })] })]);
    const second = take();
    expect(second).toContain('\u001b[1A\u001b[0J');
    expect(second).toContain('100 %');
    expect(second).not.toContain('✓ data');
    view.end();
    expect(take()).toBe('\u001b[1A\u001b[0J');
  });

  it('writes plain lines now and again where there is no terminal', () => {
    const { view, take, pass } = record(false);
    const runs = [
      run('run_1', 'dot', { stages: [stage(), stage({ path: 'x', state: 'waiting' })] }),
    ];
    view.update(runs);
    expect(take().split('\n')).toHaveLength(2);
    view.update(runs);
    expect(take()).toBe('');
    pass(15_000);
    view.update(runs);
    expect(take()).toContain('▸ distill');
  });

  it('shows a stage that two runs share once', () => {
    const { view, take } = record(true);
    const shared = stage({ path: 'run_2/teacher', ownerPath: 'run_1/teacher' });
    const owned = stage({ path: 'run_1/teacher', ownerPath: 'run_1/teacher' });
    view.update([
      run('run_1', 'dot', { stages: [owned] }),
      run('run_2', 'inhibitor', { stages: [shared] }),
    ]);
    expect(take()).toMatch(/^▸ dot distill .*\n$/);
  });

  it('draws some lines where the terminal says it has none', () => {
    const { view, take } = record(true, 0);
    view.update([run('run_1', 'dot', { stages: [] })]);
    expect(take()).toBe('');
    view.update([run('run_1', 'dot', { stages: [stage()] })]);
    expect(take()).toMatch(/^▸ distill .*\n$/);
  });

  it('draws no more lines than it can erase', () => {
    const { view, take } = record(true);
    const stages = Array.from({ length: 40 }, (_, i) =>
      stage({ path: `s${i}`, state: i === 39 ? 'running' : 'waiting' }),
    );
    view.update([run('run_1', 'dot', { stages })]);
    expect(take()).toMatch(/^▸ distill .*\n {2}and 39 more\n$/);
  });
});

describe('the table', () => {
  const runs = [run('run_1', 'dot'), run('run_2', 'inhibitor')];

  it('has each model once: teacher, then each student before its quantized form', () => {
    const models = distinctModels(runs).map(
      ({ model: { role, attention } }) => `${role} ${attention}`,
    );
    expect(models).toEqual([
      'teacher dot',
      'student dot',
      'quantized dot',
      'student inhibitor',
      'quantized inhibitor',
    ]);
  });

  it('shows every figure, and a dash with its reason for energy', () => {
    const lines = renderResults(runs, 140).split('\n');
    expect(lines[0]).toMatch(
      /^model +attention +precision +accuracy +F1 +n +size +tokens +p50 ms +p95 ms +texts\/s +energy\/text$/,
    );
    expect(lines[2]).toMatch(
      /^teacher +dot +f32 +85\.6 % +86\.1 % +1068 +90\.9 MB +32 +6\.40 +8\.00 +156 +–$/,
    );
    expect(lines[3]).toMatch(/^ +128 +25\.6 +32\.0 +39\.1 +–$/);
    expect(lines.at(-1)).toBe('  – energy: no meter on this machine');
  });

  it('fits 80 columns by going on in a second block', () => {
    const text = renderResults(runs, 80);
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
    expect(text.match(/^model/gm)).toHaveLength(2);
  });

  it('names what was not measured and who measured what was reused', () => {
    const bare = model({ metrics: null, n: null, latency: null });
    const reused = model({ role: 'student', digest: digest('d'), profiledBy: 'run_0' });
    const text = renderResults([run('run_1', 'dot', { models: [bare, reused] })], 140);
    expect(text).toMatch(/teacher +dot +f32 +– +– +– +90\.9 MB +– +– +– +– +–/);
    expect(text).toContain('Latencies measured by earlier runs: run_0');
    expect(renderResults([run('run_1', 'dot', { models: [] })])).toContain('No model was finished');
  });

  it('keeps a wide cell whole', () => {
    const columns = [
      { title: 'a', align: 'left', key: true },
      { title: 'b', align: 'right' },
    ] as const;
    expect(renderColumns(columns, [['x', 'long value']], 5)).toBe(
      'a           b\n─  ──────────\nx  long value\n',
    );
    expect(cut('abcdef', 4)).toBe('abc…');
  });
});

it('sums up what was computed and what was not', () => {
  const states = ['succeeded', 'cached', 'cached'] as const;
  const stages = states.map((state, i) => stage({ state, path: `s${i}`, ownerPath: `s${2 * i}` }));
  expect(renderSummary([run('run_1', 'dot', { stages })])).toBe(
    '1 run, 3 stages: 1 computed, 2 from cache, in 3 min 20 s',
  );
  const shared = stage({ state: 'cached', path: 'r2/s0', ownerPath: 's0' });
  expect(renderSummary([run('run_1', 'dot', { stages: [...stages, shared] })])).toBe(
    '1 run, 4 stages: 1 computed, 1 shared between runs, 2 from cache, in 3 min 20 s',
  );
});
