// One supervisor per folder: two Temporal servers on one file would corrupt it.
import { StillwattError } from '@stillwatt/contracts';
import { tryLock, unlock } from '../setup/lock.mjs';
import type { Layout } from './layout.ts';
import { readState } from './state.ts';

/** Takes the folder, or throws ALREADY_RUNNING. Returns how to let it go. */
export function takeFolder(layout: Layout): () => void {
  const owner = tryLock(layout.lock);
  if (owner === null) return () => unlock(layout.lock);
  const portal = readState(layout.state)?.urls['portal'];
  const where = portal ? ` Its portal is ${portal}.` : '';
  throw new StillwattError(
    'ALREADY_RUNNING',
    `a stack already runs in ${layout.home} (process ${owner}).${where}`,
    { fix: `use that one, end it (kill ${owner}), or start another with --dir in another folder` },
  );
}
