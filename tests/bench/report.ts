// Rows as a person reads them.
import type { Row, Side, Unmeasured } from './compare.ts';
import type { Bound } from './goals.ts';
import type { Shape } from './types.ts';

export const marks = { true: '✓', false: '✗', null: '–' } as const;

/** One block per comparison, a line per shape. */
export function printRows(rows: readonly Row[]): void {
  let title = '';
  for (const row of rows) {
    const next = `${row.numerator.contender} ÷ ${row.rival.contender}`;
    if (next !== title) console.log(`\n${next}`);
    title = next;
    console.log(`  ${describeRow(row)}`);
  }
}

export function printGoals(rows: readonly Row[], unmeasured: readonly Unmeasured[]): void {
  const judged = rows.filter(({ goal }) => goal !== null);
  const met = judged.filter(({ isMet }) => isMet === true);
  console.log(`\nGoals met: ${met.length} of ${judged.length + unmeasured.length}`);
  for (const row of judged.filter(({ isMet }) => isMet !== true)) {
    const { title, shape, ratio, high, isMet } = row;
    const upper = high === null ? '' : ` (up to ${high.toFixed(3)})`;
    const why = isMet === null ? `not judged: ${row.reason}` : `${ratio.toFixed(3)}${upper}`;
    console.log(
      `  ${marks[`${isMet}`]} ${title}, ${nameShape(shape)}: ${why}, goal ${bound(row.goal)}`,
    );
  }
  for (const { title, shape, goal, reason } of unmeasured) {
    console.log(`  – ${title}, ${nameShape(shape)}: ${reason}, goal ${bound(goal)}`);
  }
}

function describeRow(row: Row): string {
  const { shape, ratio, low, high, reason, cpuRatio, numerator, rival, isMet } = row;
  const interval =
    low === null || high === null ? `(${reason})` : `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const cpu = cpuRatio === null ? '' : ` cpu ${cpuRatio.toFixed(3)}`;
  const goal = row.goal === null ? '' : `  ${marks[`${isMet}`]} goal ${bound(row.goal)}`;
  return `${nameShape(shape).padEnd(16)} ${ratio.toFixed(3)} ${interval}${cpu}  ${side(row, numerator)} | ${side(row, rival)}${goal}`;
}

function side(row: Row, { cost, rate, shareOfPeak, spread, tokensPerSecond }: Side): string {
  const share = shareOfPeak === null ? 'peak not measured' : `${percent(shareOfPeak)} of peak`;
  const speed = rate === null ? [] : [`${rate.toFixed(0)} G/s, ${share}`];
  const tokens = tokensPerSecond === null ? [] : [`${tokensPerSecond.toFixed(0)} tok/s`];
  const width = spread === null ? [] : [`±${percent(spread / 2)}`];
  return [nameCost(row, cost), ...width, ...tokens, ...speed].join(' ');
}

export function nameCost({ unit }: Row, cost: number): string {
  return unit === 'bytes'
    ? `${(cost / 2 ** 20).toFixed(0)} MiB`
    : `${(cost * 1000).toPrecision(4)} ms`;
}

export function bound(goal: Bound | null): string {
  const upper = goal?.upper === undefined ? '' : `, upper end ≤ ${goal.upper.toFixed(2)}`;
  return `≤ ${goal?.median.toFixed(2)}${upper}`;
}

export function nameShape({ batch, tokens, threads }: Shape): string {
  return `${batch}×${tokens}, ${threads} thr`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
