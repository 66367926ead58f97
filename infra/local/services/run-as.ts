// PostgreSQL refuses to run as root: which user it runs as instead, and how.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { StillwattError } from '@stillwatt/contracts';
import type { Command } from '../part.ts';

/** `nobody`, under this number on every Linux. */
const nobody = { uid: 65534, gid: 65534 };

export interface RunAs {
  /** Who must own its files, when that is not us. */
  owner: { uid: number; gid: number } | null;
  command: (command: Command) => Command;
}

/**
 * As ourselves; or, when we are root: as nobody where nobody can reach the folders, else in a user
 * namespace in which root is shown as nobody (for a checkout under /root).
 */
export function runAs(folders: readonly string[]): RunAs {
  if (process.getuid?.() !== 0) return { owner: null, command: (command) => command };
  const closed = folders.flatMap(closedAncestor).at(0);
  if (closed === undefined) {
    return { owner: nobody, command: (command) => ({ ...command, ...nobody }) };
  }
  const map = ['--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`];
  if (spawnSync('unshare', [...map, 'true']).status === 0) {
    return {
      owner: null,
      command: (command) => ({
        ...command,
        file: 'unshare', // it becomes the program itself: same process, same signals
        args: [...map, '--', command.file, ...command.args],
      }),
    };
  }
  throw new StillwattError(
    'PREREQUISITE_MISSING',
    `PostgreSQL does not run as root, and other users cannot enter ${closed}`,
    { fix: `run as a normal user, or from a folder others can enter (chmod o+x ${closed})` },
  );
}

/** The first folder on the way that other users may not pass. */
function closedAncestor(folder: string): string[] {
  const parent = path.dirname(folder);
  if (parent === folder) return [];
  const stats = statSync(parent, { throwIfNoEntry: false });
  if (stats && (stats.mode & 0o001) === 0) return [parent];
  return closedAncestor(parent);
}
