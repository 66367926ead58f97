// The verbs of `stillwatt`, their flags and their help.
import { Command, CommanderError } from 'commander';
import { StillwattError } from '@stillwatt/contracts';
import type { Api } from '@stillwatt/local';
import { cancel } from './commands/cancel.ts';
import { compare } from './commands/compare.ts';
import { doctor } from './commands/doctor.ts';
import { list, type ListOptions } from './commands/list.ts';
import { show } from './commands/show.ts';
import { submit } from './commands/submit.ts';
import { watchTarget } from './commands/watch.ts';
import { connect, targetOf } from './connect.ts';
import type { CliEnv } from './env.ts';
import { exitCodes, exitCodesHelp } from './exit-codes.ts';
import { type Answer, type Io, reportError } from './io.ts';
import manifest from './package.json' with { type: 'json' };

const verbs = ['submit', 'watch', 'list', 'show', 'compare', 'cancel', 'doctor'];

/** Runs one command line. Answers with the exit code; never throws. */
export async function run(argv: string[], io: Io, env: CliEnv): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const api = (): Api => connect(env);

  /** One document on stdout, or text. */
  function print(answer: Answer, json: boolean): void {
    io.out(json ? `${JSON.stringify(answer.json, null, 2)}\n` : `${answer.text}\n`);
    exitCode = answer.exitCode ?? exitCodes.ok;
  }
  /** The verb's body with its errors told. */
  function action(body: (...args: never[]) => Promise<Answer>) {
    return async (...args: unknown[]) => {
      const json = (args.at(-1) as Command).opts()['json'] === true;
      try {
        print(await body(...(args as never[])), json);
      } catch (error) {
        exitCode = reportError(io, error, json);
      }
    };
  }
  function verb(program: Command, usage: string, summary: string, example: string): Command {
    return program
      .command(usage)
      .description(summary)
      .option('--json', 'print one JSON document instead of text')
      .addHelpText('after', `\nexample\n  ${example}`);
  }

  const program = new Command('stillwatt')
    .description('Experiments that make language models cheap to run on CPUs.')
    .addHelpText(
      'after',
      `
environment
  STILLWATT_URL      address of the portal; default: the stack of npm run demo
  STILLWATT_API_KEY  key of a project, from its settings
  STILLWATT_HOME     folder of that stack; default: .stillwatt in the checkout

in a checkout, “npm run stillwatt --” stands for “stillwatt”
${exitCodesHelp}`,
    )
    .version(manifest.version, '-V, --version', 'print the version')
    .exitOverride()
    // Its errors are told below, as all others are.
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined });

  verb(
    program,
    'submit <file>',
    'launch an experiment file (- for standard input)',
    'stillwatt submit workflows/contracts/examples/demo.yaml --watch',
  )
    .option('--watch', 'follow it until it has ended')
    .action(
      action(async (file: string, options: { watch?: boolean; json?: boolean }) => {
        const platform = api();
        const { target, answer } = await submit(platform, file, env.folder);
        if (!options.watch) return answer;
        if (!options.json) io.out(`${answer.text}\n\n`);
        try {
          const ended = await watchTarget(io, platform, target, options.json === true);
          return { ...ended, json: { ...answer.json, ...ended.json } };
        } catch (error) {
          // It goes on all the same: its id must not be lost.
          if (options.json) print(answer, true);
          throw error;
        }
      }),
    );
  verb(
    program,
    'watch <id>',
    'follow a run or a sweep until it has ended; Ctrl-C detaches',
    'stillwatt watch sweep_0123456789ab',
  ).action(
    action((id: string, options: { json?: boolean }) =>
      watchTarget(io, api(), targetOf(id), options.json === true),
    ),
  );
  verb(
    program,
    'list',
    'runs of the project, newest first',
    'stillwatt list --state failed --limit 20',
  )
    .option('--state <state>', 'queued, running, succeeded, failed or cancelled')
    .option('--search <text>', 'part of a name, a swept value, a task or an id')
    .option('--sweep <id>', 'runs of one sweep')
    .option('--limit <n>', 'how many, at most 500', '50')
    .action(action((options: ListOptions) => list(api(), options, io.columns())));
  verb(
    program,
    'show <id>',
    'a run with its stages and figures, or a sweep with its runs',
    'stillwatt show run_0123456789ab',
  ).action(action((id: string) => show(io, api(), targetOf(id))));
  verb(
    program,
    'compare <run> <others...>',
    'runs side by side, and in what their specs differ',
    'stillwatt compare run_0123456789ab run_ab0123456789',
  ).action(
    action((first: string, others: string[]) => compare(api(), [first, ...others], io.columns())),
  );
  verb(
    program,
    'cancel <id>',
    'cancel a run, or a sweep with its runs',
    'stillwatt cancel run_0123456789ab',
  ).action(action((id: string) => cancel(api(), targetOf(id))));
  verb(
    program,
    'doctor',
    'prerequisites, parts, ports and services of this machine',
    'stillwatt doctor --json',
  ).action(action((options: { json?: boolean }) => doctor(env.home, options.json === true)));

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(io, error, wantsJson(argv));
    if (error.exitCode === 0) return exitCodes.ok;
    // No verb at all: the help, which is written by now, says it.
    if (error.code === 'commander.help') return exitCodes.usage;
    return reportError(io, usageError(error, argv), wantsJson(argv));
  }
  return exitCode;
}

/** Also where the line cannot be read: who asked for JSON gets its errors so. */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.includes('--json');
}

/** `error: unknown command 'lst'\n(Did you mean list?)` as all errors are. */
function usageError({ message }: CommanderError, argv: readonly string[]): StillwattError {
  const [said = '', hint] = message.replace(/^error: /, '').split('\n');
  const verb = argv.find((word) => verbs.includes(word));
  const help = `stillwatt ${verb === undefined ? '' : `${verb} `}--help shows how it is called`;
  const meant =
    hint === undefined ? '' : `${hint.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?')} `;
  return new StillwattError('INPUT_INVALID', said, { fix: meant + help });
}
