// Times subjects in turns: every round samples each once, so that what disturbs the machine hits all alike.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomNumbers } from '../../workers/engine/data/random.ts';
import type { Sample, Subject } from './types.ts';

/** Threads of a rival that wait by spinning have stopped after this. */
const pauseMs = 15;
const mostCalls = 5000;

export interface Effort {
  /** Rounds fill this, within their bounds. */
  readonly seconds: number;
  readonly leastRounds: number;
  readonly mostRounds: number;
  /** A sample is as many calls as fill this; 0: one call. */
  readonly sampleMs: number;
}

/** Samples by subject, of equal length: those of a round lie side by side. */
export async function measure(
  subjects: ReadonlyMap<string, Subject>,
  { seconds, leastRounds, mostRounds, sampleMs }: Effort,
): Promise<Map<string, Sample[]>> {
  const names = [...subjects.keys()];
  const calls = new Map<string, number>();
  let round = 0;
  const start = performance.now();
  for (const [name, subject] of subjects) calls.set(name, await fill(subject, sampleMs));
  const samples = new Map(names.map((name) => [name, [] as Sample[]]));
  const isWorth = (): boolean => performance.now() - start < seconds * 1000;
  while (round < leastRounds || (round < mostRounds && isWorth())) {
    for (const name of shuffle(names, round)) {
      const subject = subjects.get(name)!;
      const count = calls.get(name)!;
      await sleep(pauseMs);
      // The one before emptied the caches; where calls are short, all start warm.
      if (count > 1) await subject.time(1);
      samples.get(name)!.push(await subject.time(count));
    }
    round++;
  }
  return samples;
}

/** How many calls fill a sample. The first ones pay for pages and compilation, so it is tried with more and more. */
async function fill(subject: Subject, sampleMs: number): Promise<number> {
  if (sampleMs === 0) return 1;
  let calls = 1;
  for (;;) {
    const { cost } = await subject.time(calls);
    const enough = Math.max(1, Math.min(mostCalls, Math.ceil(sampleMs / 1000 / cost)));
    if (enough <= 2 * calls) return enough;
    calls = Math.min(enough, 8 * calls);
  }
}

/**
 * A random order for each round, the same in every run, so that nobody always follows the same one. Who
 * differ by their attention alone stay neighbours: their ratios are the finest.
 */
export function shuffle(names: readonly string[], round: number): string[] {
  const next = randomNumbers(round, 0);
  const keys = new Map<string, number>();
  const keyOf = (text: string): number => {
    if (!keys.has(text)) keys.set(text, next());
    return keys.get(text)!;
  };
  const family = (name: string): string => name.replace(/\b(dot|inhibitor)\b/, '');
  return [...names]
    .map((name) => ({ name, family: keyOf(family(name)), own: keyOf(`own ${name}`) }))
    .sort((a, b) => a.family - b.family || a.own - b.own)
    .map(({ name }) => name);
}

/** Times calls in this process. */
export async function timeHere(calls: number, call: () => unknown): Promise<Sample> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let index = 0; index < calls; index++) await call();
  const cost = (performance.now() - start) / 1000 / calls;
  const { user, system } = process.cpuUsage(cpu);
  return { cost, cpuSeconds: (user + system) / 1e6 / calls };
}
