// One training step: forward, cross-entropy, backward, clipping, AdamW over all parameters; no dropout,
// so that losses can be compared. The memory of a step is the peak of a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendName } from '@stillwatt/contracts';
import { type Backend, describeRuntime, type Model } from '@stillwatt/engine';
import { backward, forward } from '../../../workers/engine/models/encoder.ts';
import { Gradients } from '../../../workers/engine/models/gradients.ts';
import { crossEntropy } from '../../../workers/engine/training/losses.ts';
import { TrainableWeights } from '../../../workers/engine/training/optimiser.ts';
import { threadEnvironment } from '../env.ts';
import { timeHere } from '../measure.ts';
import { openInPeer } from '../peers/process.ts';
import { classes, createModel } from '../random-model.ts';
import type { AttentionKind, Contender, Opened, Shape, Subject, Workbench } from '../types.ts';
import { drawIds } from '../workbench.ts';
import { batchOf, countOperations, rowsOf, torchConfig } from './model.ts';

const settings = { rate: 2e-5, weightDecay: 0.01, maxNorm: 1 };
/** Steps that the check compares by loss and gradient, so that updates are compared too. */
const checkedSteps = 3;

export const trainers: Contender[] = [
  trainer('stillwatt', 'dot', openEngine),
  trainer('stillwatt', 'inhibitor', openEngine),
  { ...trainer('pytorch', 'dot', openTorch), needs: 'python' },
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
      // On the backend that does not train, so that nobody is his own reference.
      expected: async (bench, shape) => {
        const other = await bench.backend(bench.trainer === 'tfjs' ? 'native' : 'tfjs');
        const stepper = createStepper(other, bench.model(attention), shape);
        const found = takeSteps(stepper);
        stepper.dispose();
        return found;
      },
      tolerance: { atol: 0, rtol: 2e-3 },
    },
    unit: 'seconds',
    // Backward multiplies twice as much as forward.
    operations: (shape) => 3 * countOperations(shape),
  };
}

interface Stepper {
  /** The loss before the step, and the norm of its gradients before clipping. */
  step(): [number, number];
  dispose(): void;
}

function takeSteps({ step }: Stepper): number[] {
  return Array.from({ length: checkedSteps }, step).flat();
}

function createStepper(backend: Backend, { config, ...model }: Model, shape: Shape): Stepper {
  const weights = new TrainableWeights(backend, { config, ...model }, () => true);
  const batch = batchOf(shape, drawIds(shape, config.vocabulary));
  const labels = drawLabels(shape);
  let done = 0;
  const step = (): [number, number] => {
    const sink = new Gradients(backend, weights.trainedNames);
    const loss = backend.scope(() => {
      const pass = forward(config, weights, batch, { keep: true });
      const { logits } = pass.head!;
      const { value, gradient } = crossEntropy(backend.read(logits), labels);
      backward(weights, pass, { logits: backend.upload(gradient, logits.shape) }, sink);
      return value;
    });
    const norm = weights.update(sink.byName, { step: ++done, ...settings });
    sink.dispose();
    return [loss, norm];
  };
  return { step, dispose: () => weights.dispose() };
}

async function openEngine(bench: Workbench, attention: AttentionKind): Promise<Opened> {
  const backend = await bench.backend(bench.trainer);
  let stepper: Stepper | null = null;
  return {
    version: await describeTrainer(bench, attention),
    async subject(shape): Promise<Subject> {
      stepper?.dispose();
      const current = (stepper = createStepper(backend, bench.model(attention), shape));
      return {
        output: async () => takeSteps(current),
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
  const python = bench.peer('python');
  const { torch, threads } = await python.ask<Record<string, string>>('versions');
  const name = `${attention} training`;
  return openInPeer(
    python,
    name,
    `torch ${torch} with ${threads} threads, fused AdamW`,
    (shape) => {
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
    },
  );
}

function drawLabels(shape: Shape): Int32Array {
  return drawIds({ ...shape, tokens: 1 }, classes);
}

/** Peak bytes of two steps in a fresh process, over what it held with the library loaded; checked above. */
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
    execArgv: ['--no-warnings', '--expose-gc'],
  });
  let peak: number | null = null;
  child.on('message', (bytes: number) => (peak = bytes));
  const [code] = (await once(child, 'exit')) as [number];
  if (peak === null) throw new Error(`the process that measures memory ended with ${code}`);
  return peak;
}

/** What the fresh process does: bytes of weights, moments, gradients and what a step keeps. */
export async function measureMemory(
  bench: Workbench,
  attention: AttentionKind,
  shape: Shape,
): Promise<number> {
  const backend = await bench.backend(bench.trainer);
  globalThis.gc!();
  const base = readStatus('VmRSS');
  // Not the workbench's, which would keep the weights that it was made of.
  const { step } = createStepper(backend, createModel(attention), shape);
  globalThis.gc!();
  writeFileSync('/proc/self/clear_refs', '5'); // the peak so far was of making the model
  step();
  step();
  return readStatus('VmHWM') - base;
}

/** Of this program alone: ru_maxrss would begin with what the parent held when it started us. */
function readStatus(name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  const size = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
  if (size === undefined) throw new Error(`/proc/self/status has no ${name}`);
  return Number(size) * 1024;
}
