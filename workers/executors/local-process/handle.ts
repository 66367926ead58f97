// One attempt as its followers see it; holds nothing but the folder's name.
import { join } from 'node:path';
import type { Digest } from '@stillwatt/contracts';
import type { Handle } from '../base.ts';
import { concludeAttempt } from './conclude.ts';
import { stopAttempt } from './stop.ts';
import { tailEvents } from './tail.ts';

export function createHandle(
  folder: string,
  path: string,
  attempt: number,
  resumedFrom: Digest | null,
  defaultGraceMs: number,
): Handle {
  return {
    path,
    attempt,
    resumedFrom,
    location: join(folder, 'stderr.log'),
    async *events(fromSeq = 0, signal) {
      for await (const event of tailEvents(folder, { signal })) {
        if (event.seq >= fromSeq) yield event;
      }
    },
    wait: (signal) => concludeAttempt(folder, signal),
    cancel: (graceMs = defaultGraceMs) => stopAttempt(folder, 'cancel', graceMs),
  };
}
