// A sweep: its runs in order, at most `parallel` at a time.
import {
  type Activities,
  queryNames,
  runsAtOnce,
  signalNames,
  type SweepInput,
  type SweepProgress,
} from '@stillwatt/contracts';
import { checkCells, planSweep } from '@stillwatt/search';
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { errorBodyOf, failureOf } from './errors.ts';
import { bookkeeping, cellsAtOnce, runsPerHistory } from './options.ts';
import { endOfRun } from './run-of-sweep.ts';

const { openSweep, recordSweep } = proxyActivities<Activities>(bookkeeping);

/** Completes also when runs failed (its row says so); fails only if it could not be laid out. */
export async function runSweep(input: SweepInput): Promise<SweepProgress> {
  const { projectId, sweepId, spec } = input;
  const start = input.cursor ?? { next: 0, paused: false, failed: 0, succeeded: 0, cancelled: 0 };
  const counts = { succeeded: start.succeeded, failed: start.failed, cancelled: start.cancelled };
  let { next, paused } = start;
  let size = 0;
  let running = 0;
  const progress = (): SweepProgress => {
    return { state: paused ? 'paused' : 'running', size, started: next, running, ...counts };
  };
  setHandler(defineSignal(signalNames.pause), () => void (paused = true));
  setHandler(defineSignal(signalNames.resume), () => void (paused = false));
  setHandler(defineQuery<SweepProgress>(queryNames.progress), progress);
  const row = { projectId, sweepId, error: null };

  try {
    if (!input.cursor) {
      const opening = { sweep: input, planned: sizeOf(input) };
      // Not to be given up half-way: a row that came after its last word would stay open.
      await CancellationScope.nonCancellable(() => openSweep(opening));
      await checkAllCells(input);
    }
    await walk();
  } catch (error) {
    const body = errorBodyOf(error);
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    await CancellationScope.nonCancellable(async () => {
      // Cancellation has reached the children with us; they have their last word first.
      await condition(() => running === 0);
      await recordSweep({ ...row, state, error: body });
    });
    throw state === 'cancelled' ? error : failureOf(body);
  }
  if (next < size)
    return continueAsNew<typeof runSweep>({ ...input, cursor: { next, paused, ...counts } });
  const state = counts.failed > 0 ? 'failed' : counts.succeeded > 0 ? 'succeeded' : 'cancelled';
  await CancellationScope.nonCancellable(() => recordSweep({ ...row, state }));
  return progress();

  /** Returns when all runs have ended, or those of this history when it is full. */
  async function walk(): Promise<void> {
    const plan = planSweep(spec);
    size = plan.size;
    const parallel = runsAtOnce(spec);
    let shown = start.paused;
    const isFull = (): boolean =>
      workflowInfo().continueAsNewSuggested || next - start.next >= runsPerHistory;
    const mayStart = (): boolean => !paused && !isFull() && next < size && running < parallel;
    const isDone = (): boolean => running === 0 && (next === size || isFull());
    const startNext = async (): Promise<void> => {
      running++;
      counts[await endOfRun(input, plan, next++)]++;
      running--;
    };
    while (!isDone()) {
      while (mayStart()) void startNext();
      await condition(() => mayStart() || isDone() || shown !== paused);
      if (shown !== paused) {
        shown = paused;
        await recordSweep({ ...row, state: paused ? 'paused' : 'running' });
      }
    }
  }
}

/** For the row of a sweep that is refused a moment later, too. */
function sizeOf({ spec }: SweepInput): number {
  try {
    return planSweep(spec).size;
  } catch {
    return 0;
  }
}

/** An impossible cell is known before the first run starts. */
async function checkAllCells({ spec }: SweepInput): Promise<void> {
  let checked = 0;
  for (const _ of checkCells(spec)) {
    if (++checked % cellsAtOnce === 0) await sleep('1 millisecond');
  }
}
