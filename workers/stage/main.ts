// The process of one stage: `node main.ts INPUT_JSON`. Events on stdout, artifacts to the store.
import { terminated } from './signals.ts'; // first: a signal that comes while TensorFlow loads is kept
import { readFileSync } from 'node:fs';
import { openFileStore } from '@stillwatt/artifacts';
import {
  stageExitCodes,
  type StageInput,
  stageInputSchema,
  type StageResult,
  StillwattError,
} from '@stillwatt/contracts';
import { readEnv } from './env.ts';
import { createEventPrinter } from './events.ts';
import { asStillwattError } from './failures.ts';
import { storeResult } from './results.ts';

const events = createEventPrinter();

function readInput(path: string | undefined): StageInput {
  if (path === undefined) {
    throw new StillwattError('INPUT_INVALID', 'no input', { fix: 'main.ts INPUT_JSON' });
  }
  const parsed = stageInputSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new StillwattError('INPUT_INVALID', `input.json: ${issue?.message}`, {
    path: issue?.path.join('.') ?? '',
    fix: 'start the stage with an executor of the same version',
  });
}

async function runStage(): Promise<StageResult> {
  const input = readInput(process.argv[2]);
  const env = readEnv();
  const store = (await openFileStore({ folder: env.artifacts })).project(input.projectId);

  // A killed attempt may have finished its work: then there is nothing left to do.
  const finished = await store.getResult(input.key);
  if (finished) {
    events.log('info', `already computed by ${finished.path}`);
    return finished;
  }
  // Only now: the engine takes a while to load.
  const { runKind } = await import('./stages/table.ts');
  const { openBackend } = await import('@stillwatt/engine');
  terminated.throwIfAborted();
  const output = await runKind(input.kind, input.config, {
    store,
    events,
    path: input.path,
    key: input.key,
    inputs: input.inputs,
    cache: env.cache,
    resumeFrom: input.resumeFrom,
    openBackend: (name) => openBackend(name, { threads: input.threads, variant: env.kernels }),
    signal: terminated,
    input(role) {
      const digest = input.inputs[role];
      if (digest !== undefined) return digest;
      throw new StillwattError('INPUT_INVALID', `stage ${input.kind} needs the input ${role}`);
    },
  });
  const { kernels, tensorflow } = output.runtime;
  const parts = { kernels, TensorFlow: tensorflow };
  for (const [name, what] of Object.entries(parts)) {
    if (what !== 'not used') events.log('info', `computed by ${name} ${what}`);
  }
  return storeResult(store, input, output);
}

/** Says why it failed as well as it can; answers with the exit code. */
function reportFailure(thrown: unknown): number {
  const error = asStillwattError(thrown);
  process.stderr.write(`${error.stack ?? error.message}\n`);
  if (error.cause instanceof Error) process.stderr.write(`caused by ${error.cause.stack ?? ''}\n`);
  try {
    events.error(error.toBody());
  } catch (again) {
    if (asStillwattError(again).code === 'STORAGE_FULL') return stageExitCodes.storageFull;
    throw again;
  }
  return error.code === 'STORAGE_FULL' ? stageExitCodes.storageFull : stageExitCodes.failed;
}

process.on('uncaughtException', (error) => process.exit(reportFailure(error)));
try {
  const result = await runStage();
  events.print({ type: 'artifact', role: 'output', artifact: result.output });
  events.print({ type: 'result', result });
  process.exit(stageExitCodes.succeeded); // idle threads of TensorFlow would keep it alive
} catch (thrown) {
  process.exit(reportFailure(thrown));
}
