// One training step: forward, cross-entropy, backward, clipping, AdamW over all parameters; no dropout,
// so that losses can be compared. The memory of a step is the peak of a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendName } from '@stillwatt/contracts';
import { type Backend, describeRuntime } from '@stillwatt/engine';
import { backward, forward } from '../../../workers/engine/models/encoder.ts';
import { Gradients } from '../../../workers/engine/models/gradients.ts';
import { crossEntropy } from '../../../workers/engine/training/losses.ts';
import { TrainableWeights } from '../../../workers/engine/training/optimiser.ts';
import { threadEnvironment } from '../env.ts';
import { timeHere } from '../measure.ts';
import { openInPython } from '../peers/python.ts';
import { classes } from '../random-model.ts';
import type { AttentionKind, Contender, Opened, Shape, Subject, Workbench } from '../types.ts';
import { drawIds } from '../workbench.ts';
import { batchOf, countOperations, rowsOf, torchConfig } from './model.ts';

const settings = { rate: 2e-5, weightDecay: 0.01, maxNorm: 1 };
/** Losses that the check compares: those of the first steps, so that updates are compared too. */
const checkedSteps = 3;

export const trainers: Contender[] = [
  trainer('stillwatt', 'dot', openEngine),
  trainer('stillwatt', 'inhibitor', openEngine),
  { ...trainer('pytorch', 'dot', openTorch), needsPython: true },
  memory('dot'),
  memory('inhibitor'),
];

function trainer(
  who: string,
  attention: AttentionKind,
  make: (bench: Workbench, attention: AttentionKind) => Promise<Opened>,
): Contender {
  return {
    name: `${who} f32 ${attention} training step`,
    suite: 'train',
    group: 'training step',
    precision: 'f32',
    fits: ({ batch, tokens }) => batch * tokens <= 1024,
    open: (bench) => make(bench, attention),
    check: {
      expected: async (bench, shape) =>
        createStepper(bench, await bench.backend('tfjs'), attention, shape).losses(checkedSteps),
      tolerance: { atol: 0, rtol: 2e-3 },
    },
    unit: 'seconds',
    // Backward multiplies twice as much as forward.
    operations: (shape) => 3 * countOperations(shape),
  };
}

interface Stepper {
  step(): number;
  /** Of the first steps; frees what was taken. */
  losses(count: number): Float32Array;
  dispose(): void;
}

function createStepper(
  bench: Workbench,
  backend: Backend,
  attention: AttentionKind,
  shape: Shape,
): Stepper {
  const model = bench.model(attention);
  const weights = new TrainableWeights(backend, model, () => true);
  const batch = batchOf(shape, drawIds(shape, model.config.vocabulary));
  const labels = drawLabels(shape);
  let done = 0;
  const step = (): number => {
    const sink = new Gradients(backend, weights.trainedNames);
    const loss = backend.scope(() => {
      const pass = forward(model.config, weights, batch, { keep: true });
      const { logits } = pass.head!;
      const { value, gradient } = crossEntropy(backend.read(logits), labels);
      backward(weights, pass, { logits: backend.upload(gradient, logits.shape) }, sink);
      return value;
    });
    weights.update(sink.byName, { step: ++done, ...settings });
    sink.dispose();
    return loss;
  };
  const dispose = (): void => weights.dispose();
  const losses = (count: number): Float32Array => {
    const values = Float32Array.from({ length: count }, step);
    dispose();
    return values;
  };
  return { step, losses, dispose };
}

async function openEngine(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const backend = await bench.backend(bench.trainer);
  let stepper: Stepper | null = null;
  return {
    version: await describeTrainer(bench, attention),
    async subject(shape): Promise<Subject> {
      stepper?.dispose();
      const current = (stepper = createStepper(bench, backend, attention, shape));
      return {
        output: async () => Array.from({ length: checkedSteps }, () => current.step()),
        time: (calls) => timeHere(calls, current.step),
      };
    },
    close: async () => stepper?.dispose(),
  };
}

async function describeTrainer(bench: Workbench, attention: AttentionKind): Promise<string> {
  const backend = await bench.backend(bench.trainer);
  const runtime = describeRuntime(backend, bench.model(attention));
  return Object.entries(runtime)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

async function openTorch(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const python = bench.python();
  const { torch } = await python.ask<Record<string, string>>('versions');
  const name = `${attention} training`;
  return openInPython(python, name, `torch ${torch}, fused AdamW`, (shape) => {
    const { vocabulary } = bench.model(attention).config;
    return python.ask('place_training', {
      name,
      weights: bench.weightsFile(attention),
      config: torchConfig(bench, attention),
      ids: rowsOf(drawIds(shape, vocabulary), shape),
      labels: [...drawLabels(shape)],
      rate: settings.rate,
      decay: settings.weightDecay,
      norm: settings.maxNorm,
    });
  });
}

function drawLabels(shape: Shape): Int32Array {
  return drawIds({ ...shape, tokens: 1 }, classes);
}

/** Peak resident bytes of a fresh process that does two steps; the steps are checked above. */
function memory(attention: AttentionKind): Contender {
  return {
    name: `stillwatt f32 ${attention} training memory`,
    suite: 'train',
    group: 'training memory',
    precision: 'f32',
    unit: 'bytes',
    fits: ({ threads }) => threads === 1,
    async open(bench) {
      const version = await describeTrainer(bench, attention);
      return {
        version,
        async subject(shape) {
          const run = (): Promise<number> => peakOfProcess(bench.trainer, attention, shape);
          return {
            output: async () => [],
            time: async () => ({ cost: await run(), cpuSeconds: null }),
          };
        },
        close: async () => undefined,
      };
    },
    operations: () => null,
  };
}

async function peakOfProcess(
  backend: BackendName,
  attention: AttentionKind,
  shape: Shape,
): Promise<number> {
  const script = join(import.meta.dirname, '../memory.ts');
  const child = fork(script, [backend, attention, JSON.stringify(shape)], {
    env: threadEnvironment(shape.threads),
  });
  let peak: number | null = null;
  child.on('message', (bytes: number) => (peak = bytes));
  const [code] = (await once(child, 'exit')) as [number];
  if (peak === null) throw new Error(`the process that measures memory ended with ${code}`);
  return peak;
}

/** What the fresh process does: bytes. */
export async function measureMemory(
  bench: Workbench,
  attention: AttentionKind,
  shape: Shape,
): Promise<number> {
  createStepper(bench, await bench.backend(bench.trainer), attention, shape).losses(2);
  return peakBytes();
}

/** Of this program alone: ru_maxrss would begin with what the parent held when it started us. */
function peakBytes(): number {
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (peak === undefined) throw new Error('/proc/self/status has no VmHWM');
  return Number(peak) * 1024;
}
