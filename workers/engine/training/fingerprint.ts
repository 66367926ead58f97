// Tells whether a checkpoint belongs to the same computation.

/** Canonical text of everything that decides the numbers; keys in order, undefined left out. */
export function fingerprintOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
