// What a stage of any kind works with, and what it gives back.
import type { ProjectStore } from '@stillwatt/artifacts';
import type {
  ArtifactKind,
  BackendName,
  StageConfig,
  StageKind,
  StageSummary,
} from '@stillwatt/contracts';
import type { Backend } from '@stillwatt/engine';
import type { EventPrinter } from './events.ts';

export interface StageContext<K extends StageKind = StageKind> {
  config: StageConfig<K>;
  /** The store, confined to the stage's project. */
  store: ProjectStore;
  /** Digest of an input artifact. INPUT_INVALID if the stage was given none for this role. */
  input(role: string): string;
  path: string;
  key: string;
  inputs: Record<string, string>;
  /** Folder with `sources/`. */
  cache: string;
  resumeFrom: string | null;
  /** Loads what computes models, with the threads of the stage. */
  openBackend(name: BackendName): Promise<Backend>;
  events: EventPrinter;
  /** Aborted with CANCELLED when the process is told to end. */
  signal: AbortSignal;
}

/** The output artifact in memory, and the figures for tables. */
export interface StageOutput {
  kind: ArtifactKind;
  files: ReadonlyMap<string, Uint8Array>;
  summary: StageSummary;
  /** What really ran. */
  runtime: { tensorflow: string; kernels: string; engine: string };
}

export type RunStage<K extends StageKind> = (context: StageContext<K>) => Promise<StageOutput>;
