// The Temporal worker process: connects database, store, executor and workflows, and goes on until it is told to end.
import path from 'node:path';
import { createActivities } from '@stillwatt/activities';
import { openFileStore } from '@stillwatt/artifacts';
import { taskQueue } from '@stillwatt/contracts';
import { createDatabase } from '@stillwatt/db';
import { createLocalProcessExecutor } from '@stillwatt/executors';
import { Runtime, Worker } from '@temporalio/worker';
import { prepareBundle } from './bundle.ts';
import { startChores } from './chores.ts';
import { readEngineIdentity } from './code-version.ts';
import { readHostEnv } from './env.ts';
import { forgetExpiredSessions, forgetOldAttempts, forgetOldEvents } from './forgetting.ts';
import { serveEndpoints } from './http.ts';
import { createLog, temporalLogger } from './logging.ts';
import { closeLost } from './lost-workflows.ts';
import { onceToldToEnd } from './shutdown.ts';
import { root } from './source-hash.ts';
import { createTelemetry } from './telemetry.ts';
import { connectTemporal, createStageStarter } from './temporal.ts';
import { workerTimings } from './worker-timings.ts';

const env = readHostEnv();
const log = createLog(env.logLevel);
const ending = onceToldToEnd(log);
const logger = temporalLogger(log, env.logLevel);
Runtime.install({ logger, shutdownSignals: [] });

const db = createDatabase({
  url: env.databaseUrl,
  log: ({ level, message, cause }) => log[level]({ err: cause }, message),
});
const store = await openFileStore({ folder: env.artifacts });
const executor = createLocalProcessExecutor({
  home: env.home,
  command: [process.execPath, path.join(root, 'workers/stage/main.ts')],
  slots: env.slots,
  environment: env.inherited,
  onProblem: (error) => log.warn({ err: error as Error }, 'executor'),
});
const telemetry = createTelemetry(executor.capacity);
const temporal = await connectTemporal(env.temporalAddress, log, ending);
const activities = createActivities({
  db,
  store,
  executor,
  telemetry,
  log,
  stages: createStageStarter(temporal.client),
  engine: readEngineIdentity(env.kernels),
  autoThreads: Math.min(env.slots, 8),
});
const bundle = await prepareBundle(logger);
const worker = await Worker.create({
  connection: temporal.native,
  taskQueue,
  workflowBundle: bundle,
  activities,
  ...workerTimings,
});
const endpoints = await serveEndpoints(
  env.metricsPort,
  telemetry.registry,
  () => worker.getState() === 'RUNNING',
);
const chores = startChores(
  [
    closeLost({ db, client: temporal.client, activities, log }),
    forgetOldEvents(db),
    forgetExpiredSessions(db),
    forgetOldAttempts(executor),
  ],
  log,
);

ending.addEventListener('abort', () => worker.shutdown());
if (ending.aborted) worker.shutdown();
log.info({ taskQueue, slots: env.slots, endpoints: endpoints.address, bundle }, 'host is ready');
// Returns when every activity has let go of its stage; the stages themselves go on.
await worker.run();

await chores.stop();
await endpoints.close();
await executor.close();
await temporal.close();
await db.close();
log.info({}, 'host has ended; running stages go on and are found again');
