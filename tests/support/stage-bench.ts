// Runs real stage processes one after the other, as a run's workflow would, without Temporal.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFileStore, type ProjectStore } from '@stillwatt/artifacts';
import {
  type ArtifactRef,
  type Digest,
  inputDigests,
  planStages,
  type RunSpec,
  runSpecSchema,
  type StageEvent,
  type StageInput,
  type StagePlan,
  type StageResult,
} from '@stillwatt/contracts';
import {
  createLocalProcessExecutor,
  type Exit,
  type Handle,
  type LocalProcessExecutor,
} from '@stillwatt/executors';
import { toySchema, writeToyData } from './toy-data.ts';
import { writeToyModel } from './toy-model.ts';

const main = fileURLToPath(new URL('../../workers/stage/main.ts', import.meta.url));
const projectId = 'prj_000000000000';

export interface Finished {
  exit: Exit;
  events: StageEvent[];
}

export interface StageBench {
  folder: string;
  model: string;
  data: string;
  /** File of a blob of the store, for a test to spoil. */
  blobFile(digest: Digest): string;
  executor: LocalProcessExecutor;
  store: ProjectStore;
  /** A toy run: a few dozen steps of a model of 2 × 32. */
  spec(changes?: SpecChanges): RunSpec;
  input(plan: StagePlan, outputs: Record<string, ArtifactRef>, resumeFrom?: Digest): StageInput;
  start(input: StageInput, attempt?: number, extra?: object): Promise<Handle>;
  finish(handle: Handle): Promise<Finished>;
  /** Runs the named stage, its inputs first; each once. Throws what a failed stage says. */
  result(spec: RunSpec, stage: string, run?: string): Promise<StageResult>;
  /** Digest of the weights of a result's model: the artifact's own digest also names its inputs. */
  weights(result: StageResult): Promise<string>;
  /** Results by run and stage so far. */
  outputs(run?: string): Record<string, ArtifactRef>;
  close(): Promise<void>;
}

export interface SpecChanges {
  data?: object;
  finetune?: object;
  model?: string;
  student?: object;
  distill?: object;
  seed?: number;
}

export async function openStageBench(options: { artifacts?: string } = {}): Promise<StageBench> {
  const folder = mkdtempSync(join(tmpdir(), 'stillwatt-stages-'));
  const [model, data, cache] = ['model', 'data', 'cache'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const artifacts = options.artifacts ?? join(folder, 'artifacts');
  mkdirSync(cache);
  writeToyModel(model);
  writeToyData(data);
  const store = (await openFileStore({ folder: artifacts })).project(projectId);
  const executor = createLocalProcessExecutor({
    home: folder,
    command: [process.execPath, main],
    slots: 2,
    environment: {
      PATH: process.env['PATH'],
      STILLWATT_CACHE: cache,
      STILLWATT_ARTIFACTS: artifacts,
    },
    onProblem: (error) => {
      throw error;
    },
  });
  const results = new Map<string, StageResult>();

  const bench: StageBench = {
    folder,
    model,
    data,
    blobFile(digest) {
      const hex = digest.slice('sha256:'.length);
      return join(artifacts, projectId, 'blobs', hex.slice(0, 2), hex);
    },
    executor,
    store,
    spec: (changes = {}) =>
      runSpecSchema.parse({
        experiment: 'toy',
        data: {
          task: 'custom',
          source: `dir:${data}`,
          schema: toySchema,
          maxLength: 32,
          ...changes.data,
        },
        teacher: {
          model: changes.model ?? `dir:${model}`,
          finetune: {
            epochs: 3,
            batchSize: 16,
            learningRate: 3e-3,
            checkpointEverySteps: 10,
            ...changes.finetune,
          },
        },
        student: { layers: 1, ...changes.student },
        distill: {
          batchSize: 16,
          alignLearningRate: 3e-3,
          learningRate: 3e-3,
          epochs: 2,
          checkpointEverySteps: 10,
          ...changes.distill,
        },
        profile: { lengths: [8, 16], batch: [1, 2], warmupSeconds: 0.05, windowSeconds: 0.1 },
        seed: changes.seed ?? 1,
      } satisfies Record<
        keyof Omit<RunSpec, 'quantize' | 'evaluate' | 'resources' | 'description'>,
        unknown
      >),
    input(plan, outputs, resumeFrom) {
      const inputs = inputDigests(plan, outputs);
      const content = JSON.stringify([plan.kind, plan.config, inputs]);
      return {
        path: `run_toy/${plan.name}`,
        projectId,
        key: `${plan.kind}-${createHash('sha256').update(content).digest('hex')}`,
        kind: plan.kind,
        config: plan.config,
        inputs,
        threads: 1,
        resumeFrom: resumeFrom ?? null,
      };
    },
    start: (input, attempt = 1, extra = {}) => executor.start({ input, attempt, ...extra }),
    async finish(handle) {
      const exit = await handle.wait();
      const events: StageEvent[] = [];
      for await (const event of handle.events()) events.push(event);
      return { exit, events };
    },
    async result(spec, name, run = 'run_toy') {
      const id = `${run}/${name}`;
      const known = results.get(id);
      if (known) return known;
      const plan = planOf(spec, name);
      for (const from of Object.values(plan.inputs)) await bench.result(spec, from, run);
      const input = { ...bench.input(plan, bench.outputs(run)), path: id };
      const { exit } = await bench.finish(await bench.start(input));
      if (exit.state !== 'succeeded') {
        throw new Error(`${id}: ${exit.error.code} ${exit.error.message}`);
      }
      results.set(id, exit.result);
      return exit.result;
    },
    async weights(result) {
      const { files } = await store.getManifest(result.output.digest);
      const file = files.find(({ name }) => name === 'model.safetensors');
      if (!file) throw new Error('the result is no model');
      return file.digest;
    },
    outputs: (run = 'run_toy') =>
      Object.fromEntries(
        [...results]
          .filter(([id]) => id.startsWith(`${run}/`))
          .map(([id, result]) => [id.slice(run.length + 1), result.output]),
      ),
    async close() {
      await executor.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

export function planOf(spec: RunSpec, name: string): StagePlan {
  const plan = planStages(spec).find((stage) => stage.name === name);
  if (!plan) throw new Error(`the spec has no stage ${name}`);
  return plan;
}
