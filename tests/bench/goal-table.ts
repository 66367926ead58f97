// The result as Markdown: the table of goals, then all rows.
import { median } from '@stillwatt/statistics';
import type { Row, Side, Unmeasured } from './compare.ts';
import { bound, marks, nameCost, nameShape, percent } from './report.ts';

export interface Result {
  readonly date: string;
  readonly command: string;
  readonly seconds: number;
  readonly commit: string | null;
  readonly machine: { readonly cpu?: string; readonly cores?: number; readonly isBusy: boolean };
  readonly variant: string | null;
  readonly peaks: Readonly<
    Record<number, { readonly f32: number | null; readonly int8: number | null }>
  >;
  readonly rows: readonly Row[];
  readonly unmeasured: readonly Unmeasured[];
}

export function writeGoals(result: Result): string {
  const { date, command, seconds, commit, machine, variant, rows, unmeasured } = result;
  const peaks = Object.entries(result.peaks).map(
    ([threads, { f32, int8 }]) =>
      `${threads} thr: ${f32?.toFixed(0) ?? '–'} GFLOP/s f32, ${int8?.toFixed(0) ?? '–'} GOP/s int8`,
  );
  const busy = machine.isBusy ? ' The machine was busy: these times are noise.' : '';
  return [
    `\`${command}\` on ${machine.cores} cores of ${machine.cpu}, ${date.slice(0, 10)}, commit ` +
      `${commit?.slice(0, 7) ?? 'unknown'}, kernels ${variant ?? 'of the fastest variant'}, ${seconds} s.` +
      ` Measured peak: ${peaks.join('; ')}.${busy}`,
    '',
    ...table(['goal', 'bound', 'measured: median ratios', 'met'], goalLines(rows, unmeasured)),
    '',
    ...table(
      ['ratio', 'B×N, threads', 'median [95 %]', 'CPU-s', 'time', 'rival', 'tokens/s', 'of peak'],
      rows.map(rowCells),
    ),
    '',
  ].join('\n');
}

/** A line per goal and bound: all its shapes, worst first told. */
function goalLines(rows: readonly Row[], unmeasured: readonly Unmeasured[]): string[][] {
  const keyOf = ({ title, goal }: Pick<Row, 'title' | 'goal'>): string => `${title}|${bound(goal)}`;
  const judged = rows.filter(({ goal }) => goal !== null);
  const keys = new Set([...judged, ...unmeasured].map(keyOf));
  return [...keys].map((key) => {
    const [title = '', limit = ''] = key.split('|');
    const own = judged.filter((row) => keyOf(row) === key);
    const lacking = unmeasured.filter((goal) => keyOf(goal) === key);
    const met = own.filter(({ isMet }) => isMet === true).length;
    const all = own.length + lacking.length;
    return [title, limit, describeRatios(own, lacking), met === all ? '✓' : `${met} of ${all}`];
  });
}

function describeRatios(rows: readonly Row[], unmeasured: readonly Unmeasured[]): string {
  const ratios = rows.map(({ ratio }) => ratio);
  const parts: string[] = [];
  if (rows.length === 1) parts.push(`${nameShape(rows[0]!.shape)}: ${fine(rows[0]!)}`);
  if (rows.length > 1) {
    const ends = `${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`;
    parts.push(`${rows.length} shapes: ${ends}, middle ${median(ratios).toFixed(3)}`);
    for (const row of rows.filter(({ isMet }) => isMet !== true)) {
      const why = row.isMet === null ? ` (${row.reason})` : '';
      parts.push(`${marks[`${row.isMet}`]} ${nameShape(row.shape)}: ${fine(row)}${why}`);
    }
  }
  // Who claims to cost no more means CPU-seconds too.
  const cpu = rows.flatMap(({ goal, cpuRatio }) =>
    goal?.upper === undefined || cpuRatio === null ? [] : [cpuRatio],
  );
  if (cpu.length > 0) {
    parts.push(`CPU-seconds ${Math.min(...cpu).toFixed(3)} to ${Math.max(...cpu).toFixed(3)}`);
  }
  if (unmeasured.length > 0) {
    parts.push(`not measured at ${unmeasured.length}: ${unmeasured[0]!.reason}`);
  }
  return parts.join('; ');
}

function fine({ ratio, low, high }: Row): string {
  const interval = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return `${ratio.toFixed(3)}${interval}`;
}

function rowCells(row: Row): string[] {
  const { title, shape, cpuRatio, numerator, rival } = row;
  const both = (of: (side: Side) => string | null): string =>
    [of(numerator), of(rival)].map((text) => text ?? '–').join(' / ');
  return [
    title,
    nameShape(shape),
    fine(row),
    cpuRatio?.toFixed(3) ?? '–',
    both(({ cost }) => nameCost(row, cost)),
    rival.contender.replace(/ (encoder|core|training step|training memory)/, ''),
    both(({ tokensPerSecond }) => tokensPerSecond?.toFixed(0) ?? null),
    both(({ shareOfPeak }) => (shareOfPeak === null ? null : percent(shareOfPeak))),
  ];
}

function table(head: string[], lines: readonly string[][]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)];
}
