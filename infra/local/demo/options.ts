// What the demo is asked for on the command line.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { StillwattError } from '@stillwatt/contracts';
import { root } from '../env.ts';

export const usage = `npm run demo -- [options]

  --exit               end after the table; non-zero if any stage failed
  --dir DIR            folder of the stack (default .stillwatt)
  --portal-port PORT   port of the portal (default: a free one, the same next time)
  --spec FILE          another experiment file
  --data-dir DIR       files of a data set on this machine, with --task
  --task TASK          which task they are: sst2

example: npm run demo -- --exit`;

export interface DemoOptions {
  exit: boolean;
  help: boolean;
  dir: string;
  spec: string;
  portalPort: number | undefined;
  data: { dir: string; task: string } | undefined;
}

/** Throws INPUT_INVALID with the usage. */
export function readOptions(args: string[], cwd: string): DemoOptions {
  const values = parse(args);
  const { task } = values;
  const dataDir = values['data-dir'];
  if ((task === undefined) !== (dataDir === undefined)) {
    throw invalid('--data-dir and --task go together');
  }
  return {
    exit: values.exit,
    help: values.help,
    dir: values.dir === undefined ? path.join(root, '.stillwatt') : path.resolve(cwd, values.dir),
    spec:
      values.spec === undefined
        ? path.join(root, 'workflows/contracts/examples/demo.yaml')
        : path.resolve(cwd, values.spec),
    portalPort: readPort(values['portal-port']),
    data:
      dataDir === undefined || task === undefined
        ? undefined
        : { dir: path.resolve(cwd, dataDir), task },
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        exit: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        dir: { type: 'string' },
        spec: { type: 'string' },
        'portal-port': { type: 'string' },
        'data-dir': { type: 'string' },
        task: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw invalid(`--portal-port ${text} is not a port (1 to 65535)`);
}

function invalid(message: string): StillwattError {
  return new StillwattError('INPUT_INVALID', message, { fix: usage });
}
