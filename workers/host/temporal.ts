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
import { Client, Connection } from '@temporalio/client';
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
        throw new StillwattError('UNAVAILABLE', 'Temporal does not answer', {
          retryable: true,
          cause,
        });
      }
    },
  };
}
