// `stillwatt show`: one run with its stages and figures, or one sweep with its runs.
import { type ErrorBody, isFinal, type RunDetail, type SweepDetail } from '@stillwatt/contracts';
import { type Api, endLine, formatSeconds, liveLine, renderResults } from '@stillwatt/local';
import type { Target } from '../connect.ts';
import type { Answer, Io } from '../io.ts';
import { localTime } from '../times.ts';
import { renderRuns } from './list.ts';

export async function show(io: Io, api: Api, target: Target): Promise<Answer> {
  if ('runId' in target) {
    const run = await api.call('runs.get', target);
    return { json: run, text: runText(io, api, run) };
  }
  const sweep = await api.call('sweeps.get', target);
  return { json: sweep, text: sweepText(io, api, sweep) };
}

function runText({ columns, paint }: Io, api: Api, run: RunDetail): string {
  const eta =
    run.etaSeconds === null || isFinal(run.state) ? '' : `, ${formatSeconds(run.etaSeconds)} left`;
  const by = run.requestedBy ? ` by ${run.requestedBy.name}` : '';
  const parts = [
    `${paint.bold(run.experiment)}  ${run.state}  ${Math.floor(run.progress * 100)} %${eta}`,
    `${run.id}  seed ${run.seed}  ${run.attention}  ${run.task}`,
    `created ${localTime(new Date(run.createdAt))}${by}`,
    `${api.url}/runs/${run.id}`,
    ...errorLines(paint, run.error),
    '',
    ...run.stages.map((stage) =>
      isFinal(stage.state)
        ? endLine(stage.name, stage, paint)
        : liveLine(stage.name, stage, columns(), paint),
    ),
  ];
  const results = run.models.length > 0 ? `\n\n${renderResults([run], columns()).trimEnd()}` : '';
  return parts.join('\n') + results;
}

function errorLines(paint: Io['paint'], error: ErrorBody | null): string[] {
  if (error === null) return [];
  const lines = [`${paint.red('✗')} ${error.code}: ${error.message}`];
  return error.fix ? [...lines, `  what to do: ${error.fix}`] : lines;
}

function sweepText({ columns, paint }: Io, api: Api, sweep: SweepDetail): string {
  const counts = Object.entries(sweep.counts).filter(([, n]) => n > 0);
  const said = counts.map(([state, n]) => `${n} ${state}`).join(', ') || 'none started yet';
  return [
    `${paint.bold(sweep.experiment)}  ${sweep.state}  ${sweep.planned} ${sweep.planned === 1 ? 'run' : 'runs'}: ${said}`,
    sweep.id,
    `${api.url}/sweeps/${sweep.id}`,
    ...errorLines(paint, sweep.error),
    ...(sweep.runs.length > 0 ? ['', renderRuns(sweep.runs, columns()).trimEnd()] : []),
  ].join('\n');
}
