// When to kill: instants taken from the events of an undisturbed run, so that every kill hits live work.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathFolder } from '../../workers/executors/local-process/attempt-folder.ts';

/** The instant at which a stage has printed its event number `seq`. */
export interface Moment {
  stage: string;
  seq: number;
}

/** How often the file of a stage that has not started yet is looked at. */
const lookEveryMs = 2;

/** Folder of the newest attempt of a stage, or null before the first. */
export function newestAttempt(home: string, path: string): string | null {
  const folder = pathFolder(home, path);
  if (!existsSync(folder)) return null;
  const numbers = readdirSync(folder)
    .map(Number)
    .filter((number) => number > 0);
  return numbers.length === 0 ? null : join(folder, String(Math.max(...numbers)));
}

/** Complete lines a stage has printed in its newest attempt. */
export function eventsOf(home: string, path: string): string[] {
  const attempt = newestAttempt(home, path);
  if (attempt === null) return [];
  const file = join(attempt, 'events.ndjson');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

/** Resolves when the stage has printed that event; rejects if it does not within a minute. */
export async function reach(home: string, runId: string, moment: Moment): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (eventsOf(home, `${runId}/${moment.stage}`).length <= moment.seq) {
    if (Date.now() > deadline) throw new Error(`no event ${moment.seq} of ${moment.stage}`);
    await sleep(lookEveryMs);
  }
}

/** `count` different moments, the same for the same seed. */
export function chooseMoments(all: readonly Moment[], count: number, seed: number): Moment[] {
  const left = [...all];
  let state = seed >>> 0;
  return Array.from({ length: Math.min(count, left.length) }, () => {
    // Numerical Recipes' generator: enough to spread kills over a run.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [chosen] = left.splice(Math.floor((state / 2 ** 32) * left.length), 1);
    if (!chosen) throw new Error('no moments left');
    return chosen;
  });
}
