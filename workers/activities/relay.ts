// Carries the events of one attempt to the database, in batches and in order, each once.
import type { ProjectStore } from '@stillwatt/artifacts';
import type { StageEvent, StageWorkInput } from '@stillwatt/contracts';
import type { Database, MetricPoint, NewLogLine, StageProgress } from '@stillwatt/db';
import type { Telemetry } from './deps.ts';
import { patiently } from './patience.ts';

/** Pages follow at this pace; longer batches cost fewer transactions. */
const batchMs = 250;
/** From here on the reader waits for the database, so that memory does not grow while it is away. */
const backlogLimit = 2000;

interface Batch {
  progress: StageProgress;
  metrics: MetricPoint[];
  logs: NewLogLine[];
  artifacts: Extract<StageEvent, { type: 'artifact' }>[];
  size: number;
}

export interface Relay {
  /** Takes an event; resolves at once unless the database lags far behind. */
  add(event: StageEvent): Promise<void>;
  /** Resolves when everything is written. Throws what cannot be written at all. */
  settle(): Promise<void>;
  /** Forgets what is unwritten. */
  close(): void;
}

export interface RelayOptions {
  db: Database;
  project: ProjectStore;
  telemetry: Telemetry;
  work: StageWorkInput;
  attempt: number;
  /** Aborted when the activity lets go; what is unwritten then comes again with the next reading. */
  signal: AbortSignal;
}

export function createRelay(options: RelayOptions): Relay {
  const { db, project, telemetry, work, attempt, signal } = options;
  let batch = emptyBatch();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let failure: { error: unknown } | undefined;

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const taken = batch;
    batch = emptyBatch();
    writing = writing
      .then(() => (failure ? undefined : write(taken)))
      .catch((error: unknown) => {
        failure = { error };
      });
    return writing;
  }

  /** Rows are unique by (stage, name, step) and (stage, attempt, seq): writing twice changes nothing. */
  async function write(taken: Batch): Promise<void> {
    const { progress, metrics, logs, artifacts } = taken;
    const { path, projectId } = work;
    const store = <T>(action: () => Promise<T>): Promise<T> => patiently(action, signal);
    for (const { artifact: ref } of artifacts) {
      const manifest = await store(() => project.getManifest(ref.digest));
      await store(() => db.artifacts.insert({ projectId, ref, manifest, madeBy: path }));
    }
    if (metrics.length > 0) {
      telemetry.metricPoints(await store(() => db.metrics.append(path, metrics)));
    }
    if (logs.length > 0) await store(() => db.logs.append(path, attempt, logs));
    if (Object.keys(progress).length > 0) await store(() => db.stages.setProgress(path, progress));
  }

  return {
    async add(event) {
      collect(batch, event);
      timer ??= setTimeout(() => void flush(), batchMs);
      if (batch.size >= backlogLimit) await flush();
      if (failure) throw failure.error;
    },
    async settle() {
      await flush();
      if (failure) throw failure.error;
    },
    close: () => clearTimeout(timer),
  };
}

function emptyBatch(): Batch {
  return { progress: {}, metrics: [], logs: [], artifacts: [], size: 0 };
}

function collect(batch: Batch, event: StageEvent): void {
  batch.size++;
  switch (event.type) {
    case 'phase':
      batch.progress.phase = event.phase;
      break;
    case 'progress': {
      const { done, total, unit, ratePerSecond, etaSeconds } = event;
      Object.assign(batch.progress, { done, total, unit, ratePerSecond, etaSeconds });
      break;
    }
    case 'metric':
      batch.metrics.push({ name: event.name, step: event.step, value: event.value });
      break;
    case 'log':
      batch.logs.push({
        seq: event.seq,
        atMs: event.atMs,
        level: event.level,
        // PostgreSQL's text holds every character but this one.
        message: event.message.replaceAll('\0', '\uFFFD'),
      });
      break;
    case 'artifact':
      batch.artifacts.push(event);
      break;
    case 'checkpoint':
    case 'result':
    case 'error':
      // Kept by the store and by the attempt's exit.
      break;
  }
}
