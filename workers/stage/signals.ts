// SIGTERM as an AbortSignal; listening from the moment this module is loaded.
import { StillwattError } from '@stillwatt/contracts';

const controller = new AbortController();
process.on('SIGTERM', () => {
  controller.abort(
    new StillwattError('CANCELLED', 'the stage was told to end', {
      fix: 'start it again; it goes on from its last checkpoint',
    }),
  );
});

/** Aborted with CANCELLED when the process is told to end. */
export const terminated: AbortSignal = controller.signal;
