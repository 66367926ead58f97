// `stillwatt doctor`: prerequisites, parts, ports and services of this machine, each with its fix.
import { examine, examineAsText } from '@stillwatt/local';
import { exitCodes } from '../exit-codes.ts';
import type { Answer } from '../io.ts';

/** @param home folder of the local stack */
export async function doctor(home: string, json: boolean): Promise<Answer> {
  const report = await examine(home);
  return {
    json: report,
    text: json ? '' : (await examineAsText(home)).trimEnd(),
    exitCode: report.ok ? exitCodes.ok : exitCodes.failed,
  };
}
