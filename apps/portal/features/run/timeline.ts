// Where the stages of a run lie in time: bars of a Gantt strip, in shares of its width.
import { isFinal, type StageView } from '@stillwatt/contracts';
import { formatDuration, thin } from '../../ui/format.ts';

export interface Bar {
  /** Shares of the strip, 0…1. */
  left: number;
  width: number;
  state: StageView['attempts'][number]['state'] | 'cached';
  attempt: number | null;
  /** It is still growing. */
  live: boolean;
}

export interface TimelineRow {
  stage: StageView;
  bars: Bar[];
  /** Seconds from first start to end or now; null before it began, and where the cache had it. */
  seconds: number | null;
}

/** Where the note of a row stands: beside its bars where there is room, else on them. */
export type NotePlace = { side: 'after' | 'before' | 'on'; at: number };

/** A note needs about this share of the strip. */
const noteShare = 0.34;

export function notePlace(bars: readonly Bar[]): NotePlace {
  const start = bars[0]?.left ?? 0;
  const last = bars.at(-1);
  const end = last === undefined ? 0 : last.left + last.width;
  if (1 - end >= noteShare) return { side: 'after', at: end };
  if (start >= noteShare) return { side: 'before', at: start };
  return { side: 'on', at: start };
}

export interface Timeline {
  rows: TimelineRow[];
  ticks: { at: number; text: string }[];
  /** Place of the present, while the run goes on. */
  nowAt: number | null;
}

/** Steps an axis of time may have, in seconds. */
const steps = [
  0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400,
];
const ticksWanted = 6;

/** Lays out `stages`; null before anything has begun. */
export function timeline(stages: readonly StageView[], now: Date): Timeline | null {
  const starts = stages.flatMap((stage) =>
    stage.startedAt === null ? [] : [Date.parse(stage.startedAt)],
  );
  if (starts.length === 0) return null;
  const start = Math.min(...starts);
  const live = stages.some((stage) => !isFinal(stage.state));
  const ends = stages.flatMap((stage) =>
    stage.finishedAt === null ? [] : [Date.parse(stage.finishedAt)],
  );
  const end = Math.max(...ends, ...(live ? [now.getTime()] : []), start + 1000);
  const span = end - start;
  const share = (at: number) => Math.min(1, Math.max(0, (at - start) / span));
  const bar = (from: number, to: number): Pick<Bar, 'left' | 'width'> => ({
    left: share(from),
    width: share(to) - share(from),
  });
  const rows = stages.map((stage): TimelineRow => {
    if (stage.startedAt === null) return { stage, bars: [], seconds: null };
    const from = Date.parse(stage.startedAt);
    const to = stage.finishedAt === null ? now.getTime() : Date.parse(stage.finishedAt);
    const seconds = Math.max(0, (to - from) / 1000);
    if (stage.state === 'cached') {
      return {
        stage,
        bars: [{ ...bar(from, to), state: 'cached', attempt: null, live: false }],
        seconds: null,
      };
    }
    const bars = stage.attempts.map((attempt): Bar => {
      const ended = attempt.finishedAt === null ? now.getTime() : Date.parse(attempt.finishedAt);
      return {
        ...bar(Date.parse(attempt.startedAt), ended),
        state: attempt.state,
        attempt: attempt.number,
        live: attempt.finishedAt === null,
      };
    });
    return { stage, bars, seconds };
  });
  return { rows, ticks: ticks(span / 1000), nowAt: live ? share(now.getTime()) : null };
}

/** Ticks are round: `5 s`, where a measured duration says `5.0 s`. */
function tickText(seconds: number): string {
  if (seconds === 0) return '0';
  return Number.isInteger(seconds) && seconds < 60 ? `${seconds}${thin}s` : formatDuration(seconds);
}

/** Round instants along `seconds`, about six. */
function ticks(seconds: number): Timeline['ticks'] {
  const step =
    steps.find((one) => seconds / one <= ticksWanted) ??
    86_400 * Math.ceil(seconds / 86_400 / ticksWanted);
  const count = Math.floor(seconds / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => ({
    at: (i * step) / seconds,
    text: tickText(i * step),
  }));
}
