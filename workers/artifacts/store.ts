// The interface of every artifact store; tests/conformance/stores holds what each one must do.
import type { Readable } from 'node:stream';
import type {
  ArtifactKind,
  ArtifactRef,
  Digest,
  Manifest,
  StageResult,
} from '@stillwatt/contracts';

/** Bytes in memory, or a stream of them (a Node Readable is one). */
export type Bytes = Uint8Array | AsyncIterable<Uint8Array>;

/** A file to be stored: its bytes, or the absolute path of a file to copy. */
export type ArtifactFile = Bytes | { path: string };

export interface BlobRef {
  digest: Digest;
  sizeBytes: number;
}

export interface NewArtifact {
  kind: ArtifactKind;
  /** File name (letters, digits, dot, dash, underscore) → content. */
  files: ReadonlyMap<string, ArtifactFile>;
  lineage: Manifest['lineage'];
}

/** A checkpoint of a stage: digest of its artifact and the step it stands for. */
export interface CheckpointRef {
  digest: Digest;
  step: number;
}

/** Everything throws StillwattError: STORAGE_FULL (disk or quota), STORAGE_UNAVAILABLE (retryable), INPUT_INVALID (malformed digest or name). */
export interface ArtifactStore {
  project(projectId: string): ProjectStore;
}

export interface ProjectStore {
  /** Stores bytes under their SHA-256; bytes that are there already are not written again. */
  putBlob(bytes: Bytes): Promise<BlobRef>;
  /** Throws ARTIFACT_MISSING, or ARTIFACT_CORRUPT if the bytes no longer have this digest. */
  getBlob(digest: Digest): Promise<Uint8Array>;
  /** The same as a stream, which errors with ARTIFACT_CORRUPT before its end; ARTIFACT_MISSING rejects the promise. */
  openBlob(digest: Digest): Promise<Readable>;
  hasBlob(digest: Digest): Promise<boolean>;

  /** Stores the files, then the manifest (canonical JSON, so that equal content has the equal digest). */
  putArtifact(artifact: NewArtifact): Promise<ArtifactRef>;
  getManifest(digest: Digest): Promise<Manifest>;
  /** Bytes of one file of an artifact; ARTIFACT_MISSING if it has no such file. */
  getFile(digest: Digest, name: string): Promise<Uint8Array>;
  openFile(digest: Digest, name: string): Promise<{ stream: Readable; sizeBytes: number }>;
  /** True if the manifest and every file of the artifact are there with the bytes they should have: reads them all. */
  isWhole(digest: Digest): Promise<boolean>;

  /** Stores a stage's result under a name (its content key). The first writer wins while its output is whole: answers with what is stored. */
  putResult(name: string, result: StageResult): Promise<StageResult>;
  /** A result whose output is no longer whole is forgotten: it is to be made again. */
  getResult(name: string): Promise<StageResult | null>;

  /** Remembers a checkpoint of a stage (name: content key or path). Writing the same one again is fine. */
  putCheckpoint(name: string, checkpoint: CheckpointRef): Promise<void>;
  /** The checkpoint with the highest step (below `belowStep`, if that is given), whoever wrote it. */
  lastCheckpoint(name: string, belowStep?: number): Promise<CheckpointRef | null>;
  /** Forgets the stage's checkpoints below `belowStep` (all without it) and frees the bytes that only they use. */
  dropCheckpoints(name: string, belowStep?: number): Promise<void>;
}
