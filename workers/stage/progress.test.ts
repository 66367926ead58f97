// Progress: how often, how fast, how long still.
import { describe, expect, it } from 'vitest';
import type { EventPrinter, NewEvent } from './events.ts';
import { createProgress } from './progress.ts';

function record(): { events: EventPrinter; printed: NewEvent[] } {
  const printed: NewEvent[] = [];
  const events = { print: (event: NewEvent) => printed.push(event), log() {}, error() {} };
  return { events, printed };
}

describe('progress', () => {
  it('prints at most twice a second, the last step always', () => {
    const { events, printed } = record();
    let now = 0;
    const report = createProgress(events, 'steps', () => now);
    for (let step = 1; step <= 100; step++) {
      now += 20; // 2 s in all
      report(step, 100);
    }
    expect(printed.length).toBeLessThanOrEqual(5);
    expect(printed.at(-1)).toMatchObject({ done: 100, total: 100, etaSeconds: 0 });
  });

  it('gives the rate of now and the time left; null before it knows', () => {
    const { events, printed } = record();
    let now = 0;
    const report = createProgress(events, 'steps', () => now);
    report(50, 1000); // a resumed run starts at 50: those are not this run's speed
    now = 1000;
    report(60, 1000);
    expect(printed[0]).toMatchObject({ ratePerSecond: null, etaSeconds: null });
    expect(printed[1]).toMatchObject({ ratePerSecond: 10, etaSeconds: 94 });
    for (let second = 0; second < 60; second++) {
      now += 1000;
      report(60 + (second + 1) * 2, 1000); // slower now
    }
    expect(printed.at(-1)).toMatchObject({ ratePerSecond: 2 });
  });
});
