// Follows a run or a sweep through the public API until nothing more will happen.
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunDetail, type RunRow, isFinal, isStillwattError } from '@stillwatt/contracts';
import type { Api } from './api-client.ts';
import type { LiveView } from './render/live-view.ts';

/** Well under the API's limits, whatever the number of runs. */
const everyMs = 1000;
const perRunMs = 150;
/** How long the API may be away, as when the supervisor restarts the portal. */
const patienceMs = 120_000;

export type Target = { runId: string } | { sweepId: string };

export interface Outcome {
  runs: RunDetail[];
  /** True if every run and so every stage of it succeeded. */
  ok: boolean;
}

export async function watch(
  api: Api,
  target: Target,
  view: LiveView,
  signal?: AbortSignal,
): Promise<Outcome> {
  const details = new Map<string, RunDetail>();
  let lostAt: number | null = null;
  for (;;) {
    try {
      const done = await look(api, target, details, signal);
      if (lostAt !== null) view.note('The portal answers again.');
      lostAt = null;
      const runs = [...details.values()].sort(byCell);
      view.update(runs);
      if (done) {
        view.end();
        return { runs, ok: runs.length > 0 && runs.every(({ state }) => state === 'succeeded') };
      }
    } catch (error) {
      if (signal?.aborted || !isStillwattError(error) || !error.retryable) throw error;
      if (lostAt === null) view.note(`The portal does not answer (${error.code}); trying again.`);
      lostAt ??= Date.now();
      if (Date.now() - lostAt > patienceMs) throw error;
    }
    await sleep(Math.max(everyMs, perRunMs * details.size), undefined, signal ? { signal } : {});
  }
}

/** Reads what may have changed into `details`; true when all has ended. */
async function look(
  api: Api,
  target: Target,
  details: Map<string, RunDetail>,
  signal?: AbortSignal,
): Promise<boolean> {
  if ('runId' in target) {
    const run = await api.call('runs.get', { runId: target.runId }, signal);
    details.set(run.id, run);
    return isFinal(run.state);
  }
  const sweep = await api.call('sweeps.get', { sweepId: target.sweepId }, signal);
  for (const row of sweep.runs) {
    const known = details.get(row.id);
    if (known && isFinal(known.state)) continue;
    details.set(row.id, await api.call('runs.get', { runId: row.id }, signal));
  }
  return isFinal(sweep.state) && [...details.values()].every(({ state }) => isFinal(state));
}

/** Cells in the order of their values, then seeds: the same table whichever run started first. */
function byCell(a: RunRow, b: RunRow): number {
  const text = ({ cell }: RunRow) => Object.values(cell).join(' ');
  return text(a).localeCompare(text(b), 'en', { numeric: true }) || a.seed - b.seed;
}
