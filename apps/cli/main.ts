#!/usr/bin/env node
// The `stillwatt` command.
import { readEnv } from './env.ts';
import { processIo } from './io.ts';
import { run } from './program.ts';

const env = readEnv();
process.exitCode = await run(process.argv.slice(2), processIo(env), env);
// Ctrl-C while a request is under way leaves its socket open.
process.exit();
