// `stillwatt list`: runs of the project, newest first.
import { type RunRow, type RunState, runStates, StillwattError } from '@stillwatt/contracts';
import {
  type Api,
  type Column,
  cut,
  formatShare,
  notMeasured,
  renderColumns,
} from '@stillwatt/local';
import { projectOf } from '../connect.ts';
import type { Answer } from '../io.ts';
import { shortTime } from '../times.ts';

export interface ListOptions {
  state?: string;
  search?: string;
  sweep?: string;
  limit: string;
}

const columns: (Column & { name?: boolean })[] = [
  { title: 'run', align: 'left', key: true },
  { title: 'experiment', align: 'left', name: true },
  { title: 'seed', align: 'right' },
  { title: 'state', align: 'left' },
  { title: 'accuracy', align: 'right' },
  { title: 'created', align: 'left' },
];
/** An experiment's name is not cut shorter than this. */
const leastName = 6;
/** Cells between columns. */
const gap = 2;
const attentionPath = 'student.attention';

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
    const filtered = [state, search, sweep].some((one) => one !== undefined);
    const none = filtered
      ? 'No runs match.'
      : 'No runs yet. stillwatt submit FILE launches the first.';
    return { json: page, text: none };
  }
  const more =
    page.nextCursor === null
      ? ''
      : `\nThese are the newest ${options.limit}; --limit shows more, up to 500.`;
  return { json: page, text: `${renderRuns(page.items, width).trimEnd()}${more}` };
}

/** One line per run. */
export function renderRuns(runs: readonly RunRow[], width: number): string {
  const now = new Date();
  const cells = (run: RunRow, name: string) => [
    run.id,
    name,
    String(run.seed),
    run.state === 'running' ? `running ${Math.floor(run.progress * 100)} %` : run.state,
    accuracyOf(run),
    shortTime(new Date(run.createdAt), now),
  ];
  const others = runs.map((run) => cells(run, ''));
  const taken = columns.map(({ title, name }, index) =>
    name ? 0 : Math.max(title.length, ...others.map((line) => line[index]?.length ?? 0)) + gap,
  );
  const free = Math.max(20, width - taken.reduce((sum, each) => sum + each));
  return renderColumns(
    columns,
    runs.map((run) => cells(run, nameOf(run, free))),
    width,
  );
}

/** `demo inhibitor layers 2`: the experiment, which is cut first, the attention, and what else its sweep set. */
function nameOf({ experiment, attention, cell }: RunRow, width: number): string {
  const others = Object.entries(cell)
    .filter(([path]) => path !== attentionPath)
    .map(([path, value]) =>
      typeof value === 'string' ? value : `${path.split('.').at(-1) ?? path} ${value}`,
    );
  const rest = [attention, ...others].join(' ');
  const name = cut(experiment, Math.max(leastName, width - rest.length - 1));
  return cut(`${name} ${rest}`, width);
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
  throw new StillwattError('INPUT_INVALID', `--limit ${text} is not a number from 1 to 500`, {
    fix: 'leave it out for the newest 50',
  });
}
