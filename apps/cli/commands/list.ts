// `stillwatt list`: runs of the project, newest first.
import { type RunRow, type RunState, runStates, StillwattError } from '@stillwatt/contracts';
import { type Api, type Column, formatShare, notMeasured, renderColumns } from '@stillwatt/local';
import { projectOf } from '../connect.ts';
import type { Answer } from '../io.ts';

export interface ListOptions {
  state?: string;
  search?: string;
  sweep?: string;
  limit: string;
}

const columns: Column[] = [
  { title: 'run', align: 'left', key: true },
  { title: 'experiment', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'attention', align: 'left' },
  { title: 'seed', align: 'right' },
  { title: 'accuracy', align: 'right' },
  { title: 'created', align: 'left' },
];

export async function list(api: Api, options: ListOptions, width: number): Promise<Answer> {
  const { search, sweep } = options;
  const state = stateOf(options.state);
  const page = await api.call('runs.list', {
    projectId: await projectOf(api),
    limit: limitOf(options.limit),
    ...(state === undefined ? {} : { state }),
    ...(search === undefined ? {} : { search }),
    ...(sweep === undefined ? {} : { sweepId: sweep }),
  });
  if (page.items.length === 0) {
    return { json: page, text: 'No runs. stillwatt submit FILE launches the first.' };
  }
  const more =
    page.nextCursor === null ? '' : `\nThere are more: --limit ${options.limit} shows these.`;
  return { json: page, text: `${renderRuns(page.items, width).trimEnd()}${more}` };
}

/** One line per run. */
export function renderRuns(runs: readonly RunRow[], width: number): string {
  const rows = runs.map((run) => [
    run.id,
    run.experiment,
    run.state === 'running' ? `running ${Math.floor(run.progress * 100)} %` : run.state,
    run.attention,
    String(run.seed),
    accuracyOf(run),
    run.createdAt.slice(0, 16).replace('T', ' '),
  ]);
  return renderColumns(columns, rows, width);
}

/** Of the run's student in 32 bits: what the experiment is about. */
function accuracyOf({ models }: RunRow): string {
  const accuracy = models.find(({ role }) => role === 'student')?.metrics?.['accuracy'];
  return accuracy === undefined ? notMeasured : formatShare(accuracy);
}

function stateOf(text: string | undefined): RunState | undefined {
  if (text === undefined) return undefined;
  const found = runStates.find((state) => state === text);
  if (found) return found;
  throw new StillwattError('INPUT_INVALID', `--state ${text} is no state of a run`, {
    fix: `use one of: ${runStates.join(', ')}`,
  });
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 500) return limit;
  throw new StillwattError('INPUT_INVALID', `--limit ${text} is not a number from 1 to 500`);
}
