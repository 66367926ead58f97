// Real Temporal servers for workflow tests, with the real workflow code and chosen activities.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Activities, taskQueue } from '@stillwatt/contracts';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { prepareBundle } from '../../workers/host/bundle.ts';
import { workerTimings } from '../../workers/host/worker-timings.ts';

const partsFile = new URL('../../node_modules/.stillwatt/parts.json', import.meta.url);

function part(name: 'temporal' | 'temporalTestServer'): string {
  const parts = JSON.parse(readFileSync(fileURLToPath(partsFile), 'utf8')) as Record<
    string,
    string
  >;
  const file = parts[name];
  if (file === undefined) throw new Error(`set-up has not installed ${name}: npm run setup`);
  return file;
}

export interface WorkflowServer {
  env: TestWorkflowEnvironment;
  /** A worker with these activities; ends in order. */
  work(activities: Partial<Activities>): Promise<{ stop(): Promise<void> }>;
  stop(): Promise<void>;
}

export const quietLogger = new DefaultLogger('ERROR');
let isInstalled = false;

function installRuntime(): void {
  if (!isInstalled) Runtime.install({ logger: quietLogger, shutdownSignals: [] });
  isInstalled = true;
}

/** The dev server: everything real. `settings` are dynamic configuration. */
export async function startDevServer(
  settings: Record<string, string> = {},
): Promise<WorkflowServer> {
  installRuntime();
  const dynamic = { 'history.workflowIdReuseMinimalInterval': '"0s"', ...settings };
  const flags = Object.entries(dynamic).map(([name, value]) => `${name}=${value}`);
  const env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: part('temporal') },
      log: { format: 'pretty', level: 'error' },
      extraArgs: flags.flatMap((flag) => ['--dynamic-config-value', flag]),
    },
  });
  return serverOf(env);
}

/** The test server, on which hours pass when nothing else can happen. */
export async function startTimeSkippingServer(): Promise<WorkflowServer> {
  installRuntime();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: part('temporalTestServer') } },
  });
  return serverOf(env);
}

function serverOf(env: TestWorkflowEnvironment): WorkflowServer {
  return {
    env,
    async work(activities) {
      const worker = await Worker.create({
        ...workerTimings,
        connection: env.nativeConnection,
        taskQueue,
        workflowBundle: await prepareBundle(quietLogger),
        activities,
      });
      const ended = worker.run();
      return {
        async stop() {
          worker.shutdown();
          await ended;
        },
      };
    },
    stop: () => env.teardown(),
  };
}
