// Rows as a person reads them.
import type { Row, Side } from './compare.ts';

const marks = { true: '✓', false: '✗', null: '–' } as const;

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

export function printGoals(rows: readonly Row[]): void {
  const judged = rows.filter(({ goal }) => goal !== null);
  const met = judged.filter(({ isMet }) => isMet === true);
  console.log(`\nGoals met: ${met.length} of ${judged.length}`);
  for (const row of judged.filter(({ isMet }) => isMet !== true)) {
    const { numerator, rival, shape, ratio, isMet } = row;
    const why = isMet === null ? `not judged: ${row.reason}` : `${ratio.toFixed(2)}`;
    console.log(
      `  ${marks[`${isMet}`]} ${numerator.contender} ÷ ${rival.contender}, ${name(shape)}: ${why}, goal ${bound(row)}`,
    );
  }
}

function describeRow(row: Row): string {
  const { shape, ratio, low, high, reason, cpuRatio, numerator, rival, isMet } = row;
  const interval =
    low === null || high === null ? `(${reason})` : `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const cpu = cpuRatio === null ? '' : ` cpu ${cpuRatio.toFixed(3)}`;
  const goal = row.goal === null ? '' : `  ${marks[`${isMet}`]} goal ${bound(row)}`;
  return `${name(shape).padEnd(16)} ${ratio.toFixed(3)} ${interval}${cpu}  ${side(row, numerator)} | ${side(row, rival)}${goal}`;
}

function side({ unit }: Row, { cost, rate, shareOfPeak, spread }: Side): string {
  const value =
    unit === 'bytes' ? `${(cost / 2 ** 20).toFixed(0)} MiB` : `${(cost * 1000).toPrecision(4)} ms`;
  const share = shareOfPeak === null ? 'peak not measured' : `${percent(shareOfPeak)} of peak`;
  const speed = rate === null ? [] : [`${rate.toFixed(0)} G/s, ${share}`];
  const width = spread === null ? [] : [`±${percent(spread / 2)}`];
  return [value, ...width, ...speed].join(' ');
}

function bound({ goal }: Row): string {
  const upper = goal?.upper === undefined ? '' : `, upper ≤ ${goal.upper}`;
  return `≤ ${goal?.median}${upper}`;
}

function name({ batch, tokens, threads }: Row['shape']): string {
  return `${batch}×${tokens}, ${threads} thr`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
