// A run: its stages by the spec, each as soon as its inputs are there.
import {
  type Activities,
  type ArtifactRef,
  inputDigests,
  planStages,
  queryNames,
  type RunInput,
  type RunProgress,
  signalNames,
  type StageEnded,
  type StagePlan,
  type StageResult,
  type StageState,
} from '@stillwatt/contracts';
import {
  CancellationScope,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import { errorBodyOf, failureOf } from './errors.ts';
import { bookkeeping } from './options.ts';
import { stageOfRun } from './stage-of-run.ts';

const { openRun, closeRun } = proxyActivities<Activities>(bookkeeping);

/** Ends as Completed, Failed (with the stage's error) or Cancelled, as its row does. */
export async function runExperiment(run: RunInput): Promise<void> {
  const plans = planStages(run.spec);
  const states = new Map<string, StageState>(plans.map(({ name }) => [name, 'waiting']));
  const ended = new Map<string, StageEnded['outcome']>();
  const note = (stage: string, state: StageState): void => void states.set(stage, state);
  setHandler(defineSignal<[StageEnded]>(signalNames.stageEnded), ({ stage, outcome }) => {
    ended.set(stage, outcome);
  });
  setHandler(defineQuery<RunProgress>(queryNames.progress), () => ({
    stages: plans.map(({ name, kind }) => ({ name, kind, state: states.get(name) ?? 'waiting' })),
  }));

  const { projectId, runId } = run;
  try {
    // Not to be given up half-way: a row that came after its last word would stay open.
    const { threads } = await CancellationScope.nonCancellable(() => openRun(run));
    await inOrderOfInputs(plans, (plan, inputs) =>
      stageOfRun({ run, threads, ended, note }, plan, inputs),
    );
  } catch (error) {
    const body = errorBodyOf(error);
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    await CancellationScope.nonCancellable(() =>
      closeRun({ projectId, runId, state, error: body }),
    );
    throw state === 'cancelled' ? error : failureOf(body);
  }
  await CancellationScope.nonCancellable(() =>
    closeRun({ projectId, runId, state: 'succeeded', error: null }),
  );
}

type ComputeStage = (plan: StagePlan, inputs: Record<string, string>) => Promise<StageResult>;

/** Starts every stage when its inputs are there; the first failure cancels the others and is thrown when they have ended. */
async function inOrderOfInputs(plans: StagePlan[], compute: ComputeStage): Promise<void> {
  const scope = new CancellationScope();
  const stages = new Map<string, Promise<StageResult>>();
  let first: { error: unknown } | undefined;

  async function afterInputs(plan: StagePlan): Promise<StageResult> {
    const makers = Object.values(plan.inputs);
    // Plans are in order of their inputs, so that each maker is there.
    const made = makers.map((name) => stages.get(name) as Promise<StageResult>);
    const results = await Promise.all(made);
    const outputs: Record<string, ArtifactRef> = {};
    for (const [i, { output }] of results.entries()) outputs[makers[i] ?? ''] = output;
    return compute(plan, inputDigests(plan, outputs));
  }

  await scope.run(async () => {
    for (const plan of plans) {
      const stage = afterInputs(plan);
      stages.set(plan.name, stage);
      stage.catch((error: unknown) => {
        first ??= { error };
        scope.cancel();
      });
    }
    await Promise.allSettled(stages.values());
  });
  if (first) throw first.error;
}
