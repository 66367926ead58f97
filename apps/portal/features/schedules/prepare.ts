// Cron expressions in words, and when they fire next: shown while a schedule is written.
import { isSweep, planSweep } from '@stillwatt/search';
import type { Experiment, ScheduleView } from '@stillwatt/contracts';
import { plural } from '../../ui/format.ts';

/** Usual rhythms, to start from. */
export const rhythms = [
  ['0 2 * * *', 'Every night at 02:00'],
  ['0 6 * * 1', 'Mondays at 06:00'],
  ['0 */6 * * *', 'Every six hours'],
  ['0 4 1 * *', 'On the first of the month at 04:00'],
] as const;

export const overlapWords: Record<ScheduleView['overlap'], string> = {
  skip: 'skip it while the last one runs',
  'buffer-one': 'wait, one at most',
  'cancel-other': 'cancel the one that runs',
  'allow-all': 'run beside it',
};

interface CronField {
  name: string;
  low: number;
  high: number;
}

const fields: readonly CronField[] = [
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day of the month', low: 1, high: 31 },
  { name: 'month', low: 1, high: 12 },
  { name: 'day of the week', low: 0, high: 7 },
];

export type Cron = { ok: true; sets: ReadonlySet<number>[] } | { ok: false; reason: string };

/** Reads five fields of numbers, `*`, ranges, lists and steps. */
export function readCron(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5) {
    return {
      ok: false,
      reason: `five fields are needed: minute hour day month weekday; this has ${text.trim() === '' ? 0 : parts.length}`,
    };
  }
  const sets: ReadonlySet<number>[] = [];
  for (const [index, field] of fields.entries()) {
    const set = readField(parts[index] ?? '', field);
    if (set === null) {
      return {
        ok: false,
        reason: `“${parts[index] ?? ''}” is no ${field.name} (${field.low} to ${field.high})`,
      };
    }
    sets.push(set);
  }
  const weekdays = sets[4];
  if (weekdays?.has(7)) sets[4] = new Set([...weekdays, 0]);
  return { ok: true, sets };
}

function readField(text: string, { low, high }: CronField): Set<number> | null {
  const set = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return null;
    const [, first, last, every] = match;
    const from = first === undefined ? low : Number(first);
    const to =
      last !== undefined ? Number(last) : first === undefined || every !== undefined ? high : from;
    const step = every === undefined ? 1 : Number(every);
    if (from < low || to > high || from > to || step < 1) return null;
    for (let at = from; at <= to; at += step) set.add(at);
  }
  return set;
}

const dayMs = 86_400_000;
/** A date such as 29 February comes within this many days, or never. */
const searchDays = 366 * 8;

/** The next `count` firings after `after`, by the clock of `timeZone`; an hour that a clock change skips does not fire. */
export function nextFirings(cron: Cron, timeZone: string, after: Date, count: number): Date[] {
  if (!cron.ok) return [];
  const [minutes, hours, days, months, weekdays] = cron.sets;
  if (!minutes || !hours || !days || !months || !weekdays) return [];
  const zone = zoneClock(timeZone);
  const found: Date[] = [];
  const today = zone.wall(after);
  for (let ahead = 0; ahead <= searchDays && found.length < count; ahead++) {
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day) + ahead * dayMs);
    if (!months.has(date.getUTCMonth() + 1)) continue;
    // As Temporal has it, and unlike crontab: with both days restricted, both must fit.
    if (!days.has(date.getUTCDate()) || !weekdays.has(date.getUTCDay())) continue;
    for (const hour of [...hours].sort((a, b) => a - b)) {
      for (const minute of [...minutes].sort((a, b) => a - b)) {
        const at = zone.instant(date, hour, minute);
        if (at !== null && at > after && found.length < count) found.push(at);
      }
    }
  }
  return found;
}

function zoneClock(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const wall = (at: Date) => {
    const parts = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return {
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
    };
  };
  const instant = (date: Date, hour: number, minute: number): Date | null => {
    const asUtc = Date.UTC(
      date.getUTCFullYear(),
      date.getUTCMonth(),
      date.getUTCDate(),
      hour,
      minute,
    );
    // The offset at the guess, then at the corrected guess: enough on both sides of a clock change.
    let at = asUtc;
    for (let round = 0; round < 2; round++) at = asUtc - offset(new Date(at));
    const shown = wall(new Date(at));
    return shown.hour === hour && shown.minute === minute ? new Date(at) : null;
  };
  const offset = (at: Date) => {
    const { year, month, day, hour, minute } = wall(at);
    return (
      Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at.getTime() / 60_000) * 60_000
    );
  };
  return { wall, instant };
}

/** What one firing launches. */
export function launches(spec: Experiment): string {
  return isSweep(spec) ? `a sweep of ${plural(planSweep(spec).size, 'run')}` : 'one run';
}

/** The time zone of this browser, and a few of the most used. */
export function timeZones(own: string): string[] {
  return [
    ...new Set([
      own,
      'UTC',
      'Europe/Berlin',
      'Europe/London',
      'America/New_York',
      'America/Los_Angeles',
      'Asia/Tokyo',
      'Asia/Kolkata',
    ]),
  ];
}
