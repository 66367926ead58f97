'use client';
// Times: relative in the text, absolute in the title, kept current by one clock.
import { useEffect, useState } from 'react';
import { formatAbsolute, formatDuration, formatRelative } from './format.ts';

/** The present, renewed every `everyMs`; null on the server and in the first frame, which must agree. */
export function useNow(everyMs = 10_000): Date | null {
  const [now, setNow] = useState<Date | null>(null);
  useEffect(() => {
    const tick = () => setNow(new Date());
    const first = setTimeout(tick, 0);
    const timer = setInterval(tick, everyMs);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}

export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={now ? formatAbsolute(date) : undefined}>
      {now ? formatRelative(date, now) : ''}
    </time>
  );
}

/** Time between two instants; counts on while there is no end. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const now = useNow(1000);
  const end = to === null ? now : new Date(to);
  if (end === null) return null;
  return <>{formatDuration(Math.max(0, (end.getTime() - new Date(from).getTime()) / 1000))}</>;
}
