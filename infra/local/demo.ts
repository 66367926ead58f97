// `npm run demo`: the whole stack on this machine, one experiment through it, and its table.
import { isStillwattError } from '@stillwatt/contracts';
import { type Connection, addresses, connect } from './demo/connect.ts';
import { type DemoOptions, readOptions, usage } from './demo/options.ts';
import { loadSpec } from './demo/spec.ts';
import { readLocalEnv } from './env.ts';
import { createPaint } from './render/colour.ts';
import { type LiveView, createLiveView } from './render/live-view.ts';
import { renderResults } from './render/result-table.ts';
import { renderSummary } from './render/summary.ts';
import { type Stack, startStack } from './stack.ts';
import { type Target, watch } from './watch.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.cwd());
  if (options.help) {
    say(usage);
    return 0;
  }
  const spec = loadSpec(options.spec, options.data);
  const view = createView();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort();
    });
  }

  const began = performance.now();
  const stack = await startStack({
    dir: options.dir,
    ...(options.portalPort === undefined ? {} : { portalPort: options.portalPort }),
    onNotice: (text) => view.note(text),
  });
  process.on('exit', () => stack.killAll()); // a second Ctrl-C; nothing is left after a stop
  say(
    `The stack is up after ${((performance.now() - began) / 1000).toFixed(1)} s; its logs are in ${options.dir}/logs.`,
  );
  try {
    interrupted.signal.throwIfAborted();
    const connection = await connect(stack);
    say(await addresses(stack, connection.api));
    const { sweepId, runId } = await connection.api.call('specs.launch', {
      projectId: connection.projectId,
      spec,
    });
    const target = sweepId !== null ? { sweepId } : { runId: runId ?? '' };
    return await follow(options, stack, connection, target, view, interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    view.end();
    say('\nInterrupted. Unfinished runs go on when the demo is started again in the same folder.');
    return 130;
  } finally {
    say('Stopping …');
    await stack.stop();
  }
}

/** From launch to the end of the table, and on until Ctrl-C unless it is to exit. */
async function follow(
  options: DemoOptions,
  stack: Stack,
  { api }: Connection,
  target: Target,
  view: LiveView,
  signal: AbortSignal,
): Promise<number> {
  say(`\nWatching ${'sweepId' in target ? target.sweepId : target.runId}\n`);
  const { runs, ok } = await watch(api, target, view, signal);
  const width = readLocalEnv().columns ?? (process.stdout.columns || 120);
  say(`\n${renderResults(runs, width)}\n`);
  say(`${renderSummary(runs)}.\n`);
  say(await addresses(stack, api));
  if (!options.exit) {
    say('\nThe stack stays up. Ctrl-C ends it.');
    await untilAborted(signal);
  }
  return ok ? 0 : 1;
}

function createView(): LiveView {
  const { stdout } = process;
  return createLiveView({
    write: (text) => void stdout.write(text),
    isTerminal: stdout.isTTY,
    // some terminals (a pseudo-terminal of a script) say 0
    columns: () => stdout.columns || 100,
    rows: () => stdout.rows || 24,
    paint: createPaint(readLocalEnv().colour),
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  // an open timer keeps the process alive while nothing else happens
  const alive = setInterval(() => undefined, 3_600_000);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
    if (signal.aborted) signal.dispatchEvent(new Event('abort'));
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const known = isStillwattError(error);
    const why =
      error instanceof Error ? (known ? error.message : (error.stack ?? '')) : String(error);
    process.stderr.write(`\n✗ ${known ? `${error.code}: ` : ''}${why}\n`);
    if (known && error.fix) process.stderr.write(`  what to do: ${error.fix}\n`);
    process.exit(1);
  },
);
