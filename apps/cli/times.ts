// Times in the zone of this machine.

/** `2026-11-24 14:35`. */
export function localTime(at: Date): string {
  // Swedes write dates as ISO 8601 has them.
  return at.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
}

/** As short as it is clear: `14:35` today, `24 Nov` this year, `Nov 2025` before. */
export function shortTime(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return localTime(at).slice(-5);
  return at.toLocaleDateString(
    'en-GB',
    at.getFullYear() === now.getFullYear()
      ? { day: 'numeric', month: 'short' }
      : { month: 'short', year: 'numeric' },
  );
}
