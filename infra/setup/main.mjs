// Set-up: checks the machine, then makes everything the demo, the tests or the checks need.
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { doctor } from './doctor.mjs';
import { cacheFolders, readEnv, root, stamps } from './env.mjs';
import { SetupError } from './errors.mjs';
import { writeWhole } from './files.mjs';
import { withLock } from './lock.mjs';
import { partPaths } from './parts.mjs';
import { checkPrerequisites } from './prerequisites.mjs';
import { createReporter } from './progress.mjs';
import { steps as allSteps, stepsFor } from './steps.mjs';

const purposes = /** @type {const} */ (['demo', 'test', 'check']);
const usage = `usage: node infra/setup/main.mjs [--for demo|test|check] [--only STEP,STEP] [--quiet-when-ready]
       node infra/setup/main.mjs --doctor [--json] [--dir .stillwatt]`;

/** @typedef {import('./steps.mjs').Step} Step */

async function main() {
  const options = readOptions();
  const env = readEnv();
  if (options.doctor) {
    process.exitCode = await doctor(env, options);
    return;
  }
  const reporter = createReporter(env);
  await requirePrerequisites(env);
  const steps = options.only ?? stepsFor(options.purpose);
  if (!(await firstMissing(steps, env))) {
    if (!options.quiet) reporter.line('Set-up: everything is there.');
    return;
  }
  const folders = cacheFolders(env.cache);
  await withLock(
    folders.lock,
    (pid) => reporter.line(`Set-up: waiting for another set-up (process ${pid})`),
    async () => {
      rmSync(folders.temporary, { recursive: true, force: true }); // what a killed set-up left
      await requireSpace(steps, env);
      await runSteps(steps, env, reporter);
    },
  );
  reporter.line('Set-up: ready.');
}

/** @param {Step[]} steps @param {import('./env.mjs').SetupEnv} env */
async function firstMissing(steps, env) {
  for (const step of steps) if (await step.missing(env)) return step;
  return null;
}

/** @param {Step[]} steps @param {import('./env.mjs').SetupEnv} env @param {ReturnType<typeof createReporter>} reporter */
async function runSteps(steps, env, reporter) {
  for (const [index, step] of steps.entries()) {
    // asked again just before: an earlier step may have made or undone it
    const why = await step.missing(env);
    if (why === null) continue;
    const size = step.downloadMb > 0 ? ` (up to ${step.downloadMb} MB)` : '';
    const progress = reporter.step(`[${index + 1}/${steps.length}] ${step.title}`);
    progress.note(`${why}${size}`);
    const log = path.join(cacheFolders(env.cache).logs, `${step.name}.log`);
    try {
      await step.run({ env, progress, log });
      const left = await step.missing(env);
      if (left !== null) throw new SetupError(`it ran, but still: ${left}`, `see ${log}`);
    } catch (error) {
      progress.end('failed');
      throw explain(step, error, log);
    }
    progress.end('ready');
  }
  mkdirSync(stamps, { recursive: true });
  writeWhole(path.join(stamps, 'parts.json'), `${JSON.stringify(partPaths(env), null, 2)}\n`);
}

/** @param {import('./env.mjs').SetupEnv} env */
async function requirePrerequisites(env) {
  const lacking = (await checkPrerequisites(env)).filter(({ state }) => state !== 'ok');
  if (lacking.length === 0) return;
  const lines = lacking.map(({ name, found, fix }) => `  ${name}: ${found}\n    → ${fix}`);
  throw new SetupError(
    `this machine lacks ${lacking.length} of the prerequisites:\n${lines.join('\n')}`,
    'install them with the commands above, then run the same command again',
  );
}

/** @param {Step[]} steps @param {import('./env.mjs').SetupEnv} env */
async function requireSpace(steps, env) {
  mkdirSync(env.cache, { recursive: true });
  let neededMb = 200; // logs, databases of a first demo
  for (const step of steps) if (await step.missing(env)) neededMb += step.diskMb;
  for (const folder of [env.cache, root]) {
    const { bavail, bsize } = statfsSync(folder);
    const freeMb = (bavail * bsize) / 1e6;
    if (freeMb >= neededMb) continue;
    throw new SetupError(
      `set-up needs ${neededMb.toFixed(0)} MB, and ${folder} has ${freeMb.toFixed(0)} MB free`,
      'free some space, or set STILLWATT_CACHE to a folder on a larger disk',
    );
  }
}

/** @param {Step} step @param {unknown} error @param {string} log */
function explain(step, error, log) {
  const known = error instanceof SetupError;
  const why = error instanceof Error ? error.message : String(error);
  const fix = known ? error.fix : `run the same command again; if it stays, see ${log}`;
  return new SetupError(`step "${step.title}" failed: ${why}\n  log: ${log}`, fix, {
    cause: error,
  });
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        for: { type: 'string', default: 'demo' },
        only: { type: 'string' },
        'quiet-when-ready': { type: 'boolean', default: false },
        doctor: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        dir: { type: 'string', default: path.join(root, '.stillwatt') },
      },
    });
    const purpose = purposes.find((each) => each === values.for);
    if (!purpose) throw new Error(`--for ${values.for} is none of ${purposes.join(', ')}`);
    const { doctor, json, dir } = values;
    const only = values.only?.split(',').map(stepNamed);
    const quiet = values['quiet-when-ready'];
    return { purpose, only, quiet, doctor, json, dir: path.resolve(dir) };
  } catch (error) {
    throw new SetupError(error instanceof Error ? error.message : String(error), usage);
  }
}

/** @param {string} name */
function stepNamed(name) {
  const step = allSteps.find((each) => each.name === name);
  if (step) return step;
  throw new Error(`no step "${name}"; steps: ${allSteps.map((each) => each.name).join(', ')}`);
}

main().catch((error) => {
  const fix = error instanceof SetupError ? `\n  what to do: ${error.fix}` : '';
  const why = error instanceof SetupError ? error.message : error.stack;
  process.stderr.write(`\n✗ set-up stopped: ${why}${fix}\n`);
  process.exitCode = 1;
});
