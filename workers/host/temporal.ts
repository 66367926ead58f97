// Connections to Temporal, and the one call that activities make through it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, StageStarter } from '@stillwatt/activities';
import {
  signalNames,
  StillwattError,
  type StageWorkInput,
  stageWorkflowId,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

export interface TemporalConnections {
  native: NativeConnection;
  client: Client;
  close(): Promise<void>;
}

/** Connects, trying again while the server starts; aborting gives up. */
export async function connectTemporal(
  address: string,
  log: Logger,
  signal: AbortSignal,
): Promise<TemporalConnections> {
  const native = await whileItStarts(() => NativeConnection.connect({ address }));
  const connection = await whileItStarts(() => Connection.connect({ address }));
  return {
    native,
    client: new Client({ connection }),
    async close() {
      await connection.close();
      await native.close();
    },
  };

  async function whileItStarts<T>(connect: () => Promise<T>): Promise<T> {
    for (let pause = 100; ; pause = Math.min(2 * pause, 5000)) {
      try {
        return await connect();
      } catch (error) {
        log.warn({ address, error: String(error), pause }, 'Temporal does not answer yet');
        await sleep(pause, undefined, { signal });
      }
    }
  }
}

export function createStageStarter(client: Client): StageStarter {
  return {
    async ask(work, wait) {
      const workflowId = stageWorkflowId(work.projectId, work.key);
      try {
        const handle = await client.workflow.signalWithStart(workflowNames.stage, {
          workflowId,
          taskQueue,
          args: [work] satisfies [StageWorkInput],
          signal: signalNames.wait,
          signalArgs: [wait],
          // Of the first who asked; later ones read it here.
          memo: { ownerPath: work.path },
        });
        const { memo } = await handle.describe();
        const ownerPath = memo?.['ownerPath'];
        return { ownerPath: typeof ownerPath === 'string' ? ownerPath : work.path };
      } catch (cause) {
        if (isAway(cause)) {
          throw new StillwattError('UNAVAILABLE', 'Temporal does not answer', {
            retryable: true,
            cause,
          });
        }
        throw new StillwattError('INTERNAL', `Temporal refuses a stage: ${detailsOf(cause)}`, {
          fix: 'see the log of the host; launch the run again when it is put right',
          cause,
        });
      }
    },
  };
}

/** What no repetition changes: https://grpc.io/docs/guides/status-codes/ */
const refusals = new Set([
  3, // invalid argument: too large, too many signals
  7, // permission denied
  11, // out of range
  12, // unimplemented
  16, // unauthenticated
]);

/** True for what passes when Temporal is back, or has room again. */
export function isAway(error: unknown): boolean {
  const cause = transportErrorOf(error);
  return cause !== null && !refusals.has(Number(cause.code));
}

function detailsOf(error: unknown): string {
  const cause = transportErrorOf(error);
  return cause ? cause.details : error instanceof Error ? error.message : String(error);
}

/** The SDK wraps some of the transport's errors and passes others on. */
function transportErrorOf(error: unknown) {
  if (isGrpcServiceError(error)) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) ? cause : null;
}
