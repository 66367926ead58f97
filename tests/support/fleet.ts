// The embedded stack without its portal, for tests: launches runs by Temporal and reads what became of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type MetricSeries,
  type RunDetail,
  type RunInput,
  type RunSpec,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { createDatabase, type Database } from '@stillwatt/db';
import { type Stack, startStack } from '@stillwatt/local';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { freshId } from './inputs.ts';

export interface Fleet {
  stack: Stack;
  database: Database;
  /** A project of its own: an empty cache. */
  createProject(): Promise<string>;
  launch(projectId: string, spec: RunSpec): Promise<string>;
  cancel(runId: string): Promise<void>;
  /** Resolves when the run's workflow has closed, over restarts of Temporal. */
  untilEnded(runId: string): Promise<RunDetail>;
  metricsOf(runId: string): Promise<MetricSeries[]>;
  stop(): Promise<void>;
}

export async function startFleet(env: Record<string, string> = {}): Promise<Fleet> {
  const dir = mkdtempSync(join(tmpdir(), 'stillwatt-fleet-'));
  const stack = await startStack({ dir, parts: ['postgres', 'temporal', 'host'], env });
  const database = createDatabase({ url: stack.urls.database });
  const organization = freshId('organization');
  await database.projects.createOrganization({ id: organization, name: 'Tests', ownerId: null });

  const connection = await Connection.connect({ address: stack.urls.temporal });
  const client = new Client({ connection });

  /** Again until it works, each time after Temporal answers: a test may have killed it. */
  async function persist<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        await stack.untilReady('temporal');
      }
    }
  }

  return {
    stack,
    database,
    async createProject() {
      const id = freshId('project');
      await database.projects.create({
        id,
        organizationId: organization,
        name: id,
        ownerId: null,
      });
      return id;
    },
    async launch(projectId, spec) {
      const runId = freshId('run');
      const input: RunInput = {
        projectId,
        requestedBy: null,
        runId,
        sweepId: null,
        cell: {},
        spec,
      };
      await client.workflow.start(workflowNames.run, {
        taskQueue,
        workflowId: runId,
        args: [input],
      });
      return runId;
    },
    async cancel(runId) {
      await client.workflow.getHandle(runId).cancel();
    },
    async untilEnded(runId) {
      await persist(() =>
        client.workflow
          .getHandle(runId)
          .result()
          .catch((error: unknown) => {
            // How it ended is read from its row; only a lost connection is worth another try.
            if (!(error instanceof WorkflowFailedError)) throw error;
          }),
      );
      await stack.untilReady('postgres');
      const run = await database.runs.get(runId);
      if (!run) throw new Error(`run ${runId} has no row`);
      return run;
    },
    metricsOf: (runId) => database.metrics.ofRun(runId, 100_000),
    async stop() {
      await connection.close();
      await database.close();
      await stack.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A gRPC status that means the server is away, not that it refused. */
function isUnavailable(error: unknown): boolean {
  const codes = [1, 4, 14]; // CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && codes.includes(at.code as number)) return true;
  }
  return false;
}
