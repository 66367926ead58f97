// One sentence on what was computed and what came from the cache.
import type { RunDetail } from '@stillwatt/contracts';
import { formatSeconds } from './format.ts';

export function renderSummary(runs: readonly RunDetail[]): string {
  const stages = runs.flatMap((run) => run.stages);
  const count = (state: string) => stages.filter((stage) => stage.state === state).length;
  // a stage that two of these runs share is computed once, which is no earlier result
  const made = new Set(stages.flatMap(({ state, path }) => (state === 'succeeded' ? [path] : [])));
  const cached = stages.filter(({ state }) => state === 'cached');
  const shared = cached.filter(({ ownerPath }) => ownerPath !== null && made.has(ownerPath)).length;
  const parts = [
    [count('succeeded'), 'computed'],
    [shared, 'shared between runs'],
    [cached.length - shared, 'from cache'],
    [count('failed'), 'failed'],
    [count('cancelled'), 'cancelled'],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`);
  const runsText = runs.length === 1 ? '1 run' : `${runs.length} runs`;
  return `${runsText}, ${stages.length} stages: ${said.join(', ')}${duration(runs)}`;
}

/** From the first creation to the last end. */
function duration(runs: readonly RunDetail[]): string {
  const from = Math.min(...runs.map(({ createdAt }) => Date.parse(createdAt)));
  const to = Math.max(...runs.map(({ finishedAt }) => Date.parse(finishedAt ?? '')));
  return Number.isFinite(to - from) ? `, in ${formatSeconds((to - from) / 1000)}` : '';
}
