// The errors that every store throws.
import { digestSchema, StillwattError } from '@stillwatt/contracts';

export function missing(what: string): StillwattError {
  return new StillwattError('ARTIFACT_MISSING', `${what} is not in the store`, {
    fix: 'launch the run again: the stage that makes it is computed again',
  });
}

export function corrupt(what: string, found: string): StillwattError {
  return new StillwattError('ARTIFACT_CORRUPT', `${what} is damaged: ${found}`, {
    fix: 'check the disk, then launch the run again: the stage that makes it is computed again',
  });
}

export function invalid(message: string, path: string): StillwattError {
  return new StillwattError('INPUT_INVALID', message, { path });
}

/** The 64 hex digits of a digest. Throws INPUT_INVALID for anything else, so that no digest is ever a path. */
export function hexOf(digest: string): string {
  if (!digestSchema.safeParse(digest).success) {
    throw invalid('a digest is sha256: and 64 lower-case hex digits', 'digest');
  }
  return digest.slice('sha256:'.length);
}
