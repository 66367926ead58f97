#!/usr/bin/env node
// The `stillwatt` command.
import { type CliEnv, readEnv } from './env.ts';
import { processIo, reportError } from './io.ts';
import { run, wantsJson } from './program.ts';

const argv = process.argv.slice(2);

async function main(): Promise<number> {
  let env: CliEnv;
  try {
    env = readEnv();
  } catch (error) {
    return reportError(processIo({ colour: false, columns: undefined }), error, wantsJson(argv));
  }
  return run(argv, processIo(env), env);
}

process.exitCode = await main();
// Ctrl-C while a request is under way leaves its socket open.
process.exit();
