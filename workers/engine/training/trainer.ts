// The training loop: phases of steps, checkpoints between steps, the same numbers after a resume.
import { StillwattError } from '@stillwatt/contracts';
import type { Backend } from '../backends/backend.ts';
import { Gradients } from '../models/gradients.ts';
import type { Model } from '../models/model.ts';
import {
  type Checkpoint,
  damagedCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
import { TrainableWeights } from './optimiser.ts';
import type { OptimiserOptions, TrainingHooks } from './options.ts';
import { learningRate } from './schedule.ts';

/** What one step computed; its gradients are in the sink. */
export interface StepResult {
  readonly loss: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly examples: number;
}

export interface TrainingPhase {
  readonly name: string;
  readonly steps: number;
  readonly options: OptimiserOptions;
  isTrained(name: string): boolean;
  /**
   * Forward and backward of step 0…steps−1, in a scope of its own; a function of the weights and the
   * step alone.
   */
  compute(weights: TrainableWeights, step: number, sink: Gradients): StepResult;
}

export interface TrainingRun {
  readonly backend: Backend;
  readonly model: Model;
  readonly phases: readonly TrainingPhase[];
  /** Of everything that decides the numbers. */
  readonly fingerprint: string;
  readonly hooks: TrainingHooks;
}

/** Steps over which the reported loss is averaged. */
const lossWindow = 50;

/** Runs all phases to the end, from the checkpoint in the hooks if there is one. */
export async function runTraining(
  run: TrainingRun,
): Promise<{ model: Model; steps: number; loss: number }> {
  const { phases, hooks, fingerprint } = run;
  const total = phases.reduce((sum, { steps }) => sum + steps, 0);
  const resumed = hooks.resume ? readCheckpoint(hooks.resume, fingerprint) : null;
  if (resumed && !(resumed.step <= (phases[resumed.phase]?.steps ?? -1))) {
    throw damagedCheckpoint(`there is no step ${resumed.step} of phase ${resumed.phase}`);
  }
  const progress = new Progress(hooks, total);
  const losses = [...(resumed?.losses ?? [])];
  let model = run.model;
  let before = 0;
  for (const [index, phase] of phases.entries()) {
    if (resumed && index < resumed.phase) {
      // Not run again: a later phase trains all that an earlier one did, so the checkpoint has it.
      before += phase.steps;
      continue;
    }
    const start = index === resumed?.phase ? resumed.step : 0;
    const weights = new TrainableWeights(run.backend, model, (name) => phase.isTrained(name));
    try {
      if (resumed && index === resumed.phase) weights.restore(resumed.states);
      for (let step = start; step < phase.steps; step++) {
        throwIfCancelled(hooks.signal);
        const rate = learningRate(phase.options, step, phase.steps);
        const { result, norm } = trainStep(weights, phase, step, rate);
        losses.push(result.loss);
        if (losses.length > lossWindow) losses.shift();
        progress.report(phase.name, before + step + 1, result, rate, norm);
        const done = step + 1;
        // Signals are heard here alone, so that one always finds its last checkpoint written.
        await turn();
        if (isCheckpoint(hooks, done, phase.steps)) {
          const states = weights.state();
          const checkpoint: Checkpoint = { fingerprint, phase: index, step: done, losses, states };
          await hooks.onCheckpoint?.(writeCheckpoint(checkpoint), before + done);
        }
      }
      model = weights.toModel(model);
    } finally {
      weights.dispose();
    }
    before += phase.steps;
  }
  throwIfCancelled(hooks.signal);
  const loss = losses.reduce((sum, value) => sum + value, 0) / Math.max(1, losses.length);
  return { model, steps: total, loss };
}

function trainStep(
  weights: TrainableWeights,
  phase: TrainingPhase,
  step: number,
  rate: number,
): { result: StepResult; norm: number } {
  const sink = new Gradients(weights.backend, weights.trainedNames);
  try {
    const result = weights.backend.scope(() => phase.compute(weights, step, sink));
    const { weightDecay, maxGradNorm: maxNorm } = phase.options;
    const norm = weights.update(sink.byName, { step: step + 1, rate, weightDecay, maxNorm });
    if (!Number.isFinite(result.loss) || !Number.isFinite(norm)) {
      const what = `loss ${result.loss}, gradient norm ${norm}`;
      throw new StillwattError('DIVERGED', `${phase.name} diverged at step ${step + 1}: ${what}`, {
        fix: 'Lower the learning rate or lengthen the warm-up.',
      });
    }
    return { result, norm };
  } finally {
    sink.dispose();
  }
}

/** Lets signals and timers in. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StillwattError('CANCELLED', 'training was cancelled');
}

function isCheckpoint(
  { onCheckpoint, checkpointEverySteps, signal }: TrainingHooks,
  done: number,
  steps: number,
): boolean {
  if (!onCheckpoint || checkpointEverySteps === undefined) return false;
  // The last step of a phase is one: the next phase starts from it.
  return done % checkpointEverySteps === 0 || done === steps || signal?.aborted === true;
}

class Progress {
  readonly #hooks: TrainingHooks;
  readonly #total: number;
  readonly #startMs = performance.now();
  #examples = 0;

  constructor(hooks: TrainingHooks, total: number) {
    this.#hooks = hooks;
    this.#total = total;
  }

  report(phase: string, step: number, result: StepResult, rate: number, norm: number): void {
    this.#examples += result.examples;
    const seconds = (performance.now() - this.#startMs) / 1000;
    this.#hooks.onProgress?.({
      phase,
      step,
      total: this.#total,
      loss: result.loss,
      parts: result.parts,
      learningRate: rate,
      gradientNorm: norm,
      examplesPerSecond: this.#examples / seconds,
    });
  }
}
