// `stillwatt watch`: a live line per stage until all has ended, then the table.
import {
  type Api,
  createLiveView,
  type LiveView,
  renderResults,
  renderSummary,
  watch,
} from '@stillwatt/local';
import type { Target } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Answer, Io } from '../io.ts';

/** Ctrl-C only detaches. @param json no live lines, the outcome alone */
export async function watchTarget(
  io: Io,
  api: Api,
  target: Target,
  json: boolean,
): Promise<Answer> {
  const id = 'runId' in target ? target.runId : target.sweepId;
  const view = json ? silent : liveView(io);
  try {
    const { runs, ok } = await watch(api, target, view, io.interrupted);
    return {
      json: { ok, runs },
      text: `\n${renderResults(runs, io.columns())}\n${renderSummary(runs)}.`,
      exitCode: ok ? exitCodes.ok : exitCodes.failed,
    };
  } catch (error) {
    if (!io.interrupted.aborted) throw error;
    view.end();
    return {
      json: { detached: true, id },
      text: `\nDetached; the work goes on. Return with: stillwatt watch ${id}`,
      exitCode: exitCodes.detached,
    };
  }
}

const silent: LiveView = { update: () => {}, note: () => {}, end: () => {} };

function liveView({ out, isTerminal, columns, rows, paint }: Io): LiveView {
  return createLiveView({ write: out, isTerminal, columns, rows, paint });
}
