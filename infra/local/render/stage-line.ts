// One line per stage: mark, name, bar, rate and what is left.
import type { RunRow, StageView } from '@stillwatt/contracts';
import type { Paint } from './colour.ts';
import { cut, firstLine, formatSeconds, formatSignificant } from './format.ts';

const barWidth = 16;
const nameWidth = 28;

/** How a run is told from its siblings: the values its sweep chose, and its seed. */
export function runLabel(run: Pick<RunRow, 'id' | 'cell' | 'seed'>, siblings: number): string {
  if (siblings < 2) return '';
  const values = Object.values(run.cell).map(String);
  return values.length > 0 ? values.join(' ') : `seed ${run.seed}`;
}

/** `dot distill`, or `distill` where there is one run. */
export function stageLabel(label: string, stage: Pick<StageView, 'name'>): string {
  return label === '' ? stage.name : `${label} ${stage.name}`;
}

/** A stage that runs or waits, at most `width` cells. */
export function liveLine(label: string, stage: StageView, width: number, paint: Paint): string {
  const name = cut(label, nameWidth).padEnd(nameWidth);
  const { done, total, unit, phase, ratePerSecond, etaSeconds, state } = stage;
  if (state !== 'running') {
    const why = state === 'queued' ? 'waits for a free CPU' : 'waits for its inputs';
    return `${paint.dim('·')} ${name} ${paint.dim(cut(why, width - nameWidth - 3))}`;
  }
  const share = done !== null && total ? Math.min(1, done / total) : 0;
  const full = Math.round(share * barWidth);
  const bar = paint.blue('█'.repeat(full)) + paint.dim('░'.repeat(barWidth - full));
  const what = phase ?? 'starting';
  const steps =
    done !== null && total ? `${amount(done)}/${amount(total)} ${unit ?? ''}`.trim() : '';
  const rate = ratePerSecond ? `${formatSignificant(ratePerSecond)}/s` : '';
  const left = etaSeconds === null ? '' : `${formatSeconds(etaSeconds)} left`;
  const percent = `${(share * 100).toFixed(0).padStart(3)} %`;
  const used = 2 + nameWidth + 1 + barWidth + 1 + percent.length + 2;
  const room = Math.max(8, width - used);
  const short = left === '' ? cut(what, room) : cut(what, Math.max(0, room - left.length - 2));
  const text = fitting(room, [
    [what, steps, rate, left],
    [what, steps, left],
    [short, left],
  ]);
  return `${paint.blue('▸')} ${name} ${bar} ${percent}  ${text}`;
}

/** The first of the `choices` that fits; what is left counts for more than the rate. */
function fitting(width: number, choices: readonly (readonly string[])[]): string {
  const texts = choices.map((parts) => parts.filter(Boolean).join('  '));
  return texts.find((text) => text.length <= width) ?? cut(texts.at(-1) ?? '', width);
}

/** A stage that has ended. `owner`: name of the stage in view that computed it, if it was another. */
export function endLine(label: string, stage: StageView, paint: Paint, owner?: string): string {
  const name = cut(label, nameWidth).padEnd(nameWidth);
  const again = stage.attempts.length > 1 ? `, ${stage.attempts.length} attempts` : '';
  switch (stage.state) {
    case 'cached':
      return owner === undefined || owner === label
        ? `${paint.violet('≡')} ${name} ${paint.violet('from cache')}${computedBy(stage)}`
        : `${paint.violet('≡')} ${name} ${paint.violet('computed once')}, with ${owner}`;
    case 'succeeded':
      return `${paint.green('✓')} ${name} ${took(stage)}${again}${figure(stage)}`;
    case 'cancelled':
      return `${paint.dim('–')} ${name} cancelled`;
    case 'failed': {
      const fix = stage.error?.fix ? `\n  ${' '.repeat(nameWidth)} → ${stage.error.fix}` : '';
      const why = stage.error
        ? `${stage.error.code}: ${firstLine(stage.error.message)}`
        : 'no reason given';
      return `${paint.red('✗')} ${name} ${paint.red('failed')}${again}  ${why}${fix}`;
    }
    case 'waiting':
    case 'queued':
    case 'running':
      return `· ${name} ${stage.state}`;
  }
}

function took({ startedAt, finishedAt }: StageView): string {
  if (startedAt === null || finishedAt === null) return 'done';
  return formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
}

function computedBy({ ownerPath, path }: StageView): string {
  if (ownerPath === null || ownerPath === path) return '';
  // Without the sweep: a run's id is what one looks it up by.
  return `, computed by ${ownerPath.split('/').slice(-2).join('/')}`;
}

/** The one figure a stage is about. */
function figure({ summary }: StageView): string {
  if (summary?.rows) {
    const rows = Object.entries(summary.rows).map(([split, n]) => `${split} ${n}`);
    return `  ${rows.join(', ')}`;
  }
  const accuracy = summary?.metrics?.['accuracy'];
  if (accuracy !== undefined) return `  accuracy ${(accuracy * 100).toFixed(1)} %`;
  if (summary?.loss !== undefined) return `  loss ${formatSignificant(summary.loss)}`;
  const [first] = summary?.latency ?? [];
  return first ? `  p50 ${formatSignificant(first.p50Ms)} ms at ${first.length} tokens` : '';
}

function amount(n: number): string {
  return Number.isInteger(n) ? String(n) : n.toFixed(1);
}
