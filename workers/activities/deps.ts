// What activities are given: nothing here is a module-level client.
import type { ArtifactStore } from '@stillwatt/artifacts';
import type { StageKind, StageWorkInput, WaitSignal } from '@stillwatt/contracts';
import type { Database } from '@stillwatt/db';
import type { Executor } from '@stillwatt/executors';

export interface ActivityDeps {
  db: Database;
  store: ArtifactStore;
  executor: Executor;
  stages: StageStarter;
  engine: EngineIdentity;
  /** What `threads: auto` means on this host. */
  autoThreads: number;
  telemetry: Telemetry;
  log: Logger;
}

/** Reaches the workflows of stages; throws StillwattError UNAVAILABLE (retryable) while Temporal is away, INTERNAL where it refuses. */
export interface StageStarter {
  /** Signals `wait` to the workflow of the key, starting it if none runs; answers whose path it works on. */
  ask(work: StageWorkInput, wait: WaitSignal): Promise<{ ownerPath: string }>;
}

/** What computes, as far as it can change a result. */
export interface EngineIdentity {
  /** Hash of the sources of engine and stage and of their dependencies' versions. */
  codeVersion: string;
  kernels: string;
}

/** Counters of the host. */
export interface Telemetry {
  stageStarted(kind: StageKind): void;
  /** `seconds` its attempt took, in whatever way it ended; null where it is only let go of. */
  stageEnded(kind: StageKind, state: string, seconds: number | null): void;
  cacheHit(kind: StageKind): void;
  metricPoints(count: number): void;
}

export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
