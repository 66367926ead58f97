// JSON that is the same text for equal values, so that equal content has the equal digest.
import { createHash } from 'node:crypto';
import type { Digest } from '@stillwatt/contracts';

/** Keys in the order of their code units, no spaces, keys with undefined left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
