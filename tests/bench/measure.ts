// Times subjects in turns: every round samples each once, so that what disturbs the machine hits all alike.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample, Subject } from './types.ts';

/** Threads of a rival that wait by spinning have stopped after this. */
const pauseMs = 15;

export interface Effort {
  readonly rounds: number;
  /** A sample is as many calls as fill this. */
  readonly sampleMs: number;
}

/** Samples by subject, of equal length: the i-th ones lie side by side in time. */
export async function measure(
  subjects: ReadonlyMap<string, Subject>,
  { rounds, sampleMs }: Effort,
): Promise<Map<string, Sample[]>> {
  const names = [...subjects.keys()];
  const calls = new Map<string, number>();
  for (const [name, subject] of subjects) {
    const { cost } = await subject.time(1);
    calls.set(name, Math.max(1, Math.min(2000, Math.ceil(sampleMs / 1000 / cost))));
  }
  const samples = new Map(names.map((name) => [name, [] as Sample[]]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      // Everybody is first, last and next to everybody once in a while.
      const name = names[(turn * (round % 2 === 0 ? 1 : names.length - 1) + round) % names.length]!;
      const subject = subjects.get(name)!;
      const count = calls.get(name)!;
      await sleep(pauseMs);
      // The rivals emptied the caches; where calls are short, all start warm.
      if (count > 1) await subject.time(1);
      samples.get(name)!.push(await subject.time(count));
    }
  }
  return samples;
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
