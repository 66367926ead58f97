// A stage: computes one content key once for every run that waits for it.
import {
  type Activities,
  signalNames,
  type StageEnded,
  type StageWorkInput,
  type WaitSignal,
} from '@stillwatt/contracts';
import {
  CancellationScope,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import { errorBodyOf } from './errors.ts';
import { cacheLookUp, stageStop, stageWork } from './options.ts';

const { findStage } = proxyActivities<Activities>(cacheLookUp);
const { stopStage } = proxyActivities<Activities>(stageStop);
const activities = proxyActivities<Activities>(stageWork);

type Outcome = StageEnded['outcome'];

/** Started with the first `wait`; goes on while anybody waits, and ends when all have been told. */
export async function runStage(work: StageWorkInput): Promise<Outcome['state']> {
  const waiters = new Map<string, WaitSignal>();
  setHandler(defineSignal<[WaitSignal]>(signalNames.wait), (waiter) => {
    waiters.set(nameOf(waiter), waiter);
  });
  setHandler(defineSignal<[WaitSignal]>(signalNames.release), (waiter) => {
    waiters.delete(nameOf(waiter));
  });

  let outcome: Outcome;
  let cancellation: Error | undefined;
  do {
    outcome = await computeWhileAwaited().catch((error: unknown): Outcome => {
      if (!isCancellation(error)) return { state: 'failed', error: errorBodyOf(error) };
      // Cancelled as a whole, by an operator: the waiters hear of it.
      cancellation = error as Error;
      return { state: 'cancelled' };
    });
    // Who came while the abandoned process was being stopped still wants the result.
  } while (outcome.state === 'cancelled' && waiters.size > 0 && cancellation === undefined);

  // Runs may ask until the very end: the server does not close a workflow with unread signals.
  await CancellationScope.nonCancellable(async () => {
    while (waiters.size > 0) await Promise.all([...waiters.values()].map(tell));
  });
  if (cancellation !== undefined) throw cancellation;
  return outcome.state;

  /** Throws what makes the stage fail, and a cancellation only when this workflow itself is cancelled. */
  async function computeWhileAwaited(): Promise<Outcome> {
    const { projectId, key } = work;
    const found = await findStage({ projectId, key });
    if (found) return { state: 'succeeded', ...found };
    const scope = new CancellationScope();
    void condition(() => waiters.size === 0).then(
      () => scope.cancel(),
      () => undefined,
    );
    try {
      const result = await scope.run(() => activities.runStage(work));
      return { state: 'succeeded', result, ownerPath: result.path };
    } catch (error) {
      if (!isCancellation(error)) throw error;
      // The server cancels an activity whose host is away without asking it: its process may live.
      await CancellationScope.nonCancellable(() => stopStage(work));
      if (CancellationScope.current().consideredCancelled) throw error;
      return { state: 'cancelled' };
    }
  }

  async function tell(waiter: WaitSignal): Promise<void> {
    waiters.delete(nameOf(waiter));
    const message: StageEnded = { stage: waiter.stage, outcome };
    // A run that has ended in the meantime cannot be told, and need not be.
    await getExternalWorkflowHandle(waiter.workflowId)
      .signal(signalNames.stageEnded, message)
      .catch(() => undefined);
  }
}

function nameOf({ workflowId, stage }: WaitSignal): string {
  return `${workflowId}/${stage}`;
}
