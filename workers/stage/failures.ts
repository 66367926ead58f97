// Any thrown value as one of our errors: what the disk, V8 and TensorFlow say in their own words.
import { isStillwattError, StillwattError } from '@stillwatt/contracts';

const outOfMemory =
  /Array buffer allocation failed|Invalid typed array length|OOM when allocating|RESOURCE_EXHAUSTED|std::bad_alloc|Cannot allocate memory/i;

export function asStillwattError(thrown: unknown): StillwattError {
  if (isStillwattError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StillwattError('STORAGE_FULL', 'the disk is full', {
      fix: 'free disk space, then start the run again',
      cause: thrown,
    });
  }
  if (code === 'ENOMEM' || outOfMemory.test(message)) {
    return new StillwattError('STAGE_OUT_OF_MEMORY', `the stage ran out of memory: ${message}`, {
      fix: 'lower batchSize or data.maxLength, raise resources.memoryMiB, or run fewer stages at once',
      cause: thrown,
    });
  }
  return new StillwattError('INTERNAL', message, { cause: thrown });
}
