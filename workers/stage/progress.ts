// Progress of a stage: rate and time left, printed at most twice a second.
import type { EventPrinter } from './events.ts';

const minIntervalMs = 500;
/** The rate is that of the last so many milliseconds: old enough to be calm, young enough to be true. */
const windowMs = 20_000;

export type ReportProgress = (done: number, total: number) => void;

/** A reporter of one kind of unit; a new one per phase, so that rates are never mixed. */
export function createProgress(
  events: EventPrinter,
  unit: string,
  now: () => number = () => performance.now(),
): ReportProgress {
  const seen: { atMs: number; done: number }[] = [];
  let printedAtMs = -Infinity;

  return (done, total) => {
    const atMs = now();
    const isLast = done >= total;
    if (!isLast && atMs - printedAtMs < minIntervalMs) {
      if (seen.length === 0) seen.push({ atMs, done });
      return;
    }
    printedAtMs = atMs;
    seen.push({ atMs, done });
    while (seen.length > 2 && (seen[0]?.atMs ?? 0) < atMs - windowMs) seen.shift();
    const first = seen[0];
    const elapsedMs = first ? atMs - first.atMs : 0;
    const rate = first && elapsedMs > 0 ? ((done - first.done) / elapsedMs) * 1000 : 0;
    events.print({
      type: 'progress',
      done,
      total,
      unit,
      ratePerSecond: rate > 0 ? rate : null,
      etaSeconds: isLast ? 0 : rate > 0 ? (total - done) / rate : null,
    });
  };
}
