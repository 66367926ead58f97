// Content-addressed files of a project: the store's interface and its implementations.
export { canonicalJson } from './canonical.ts';
export type {
  ArtifactFile,
  ArtifactStore,
  BlobRef,
  Bytes,
  CheckpointRef,
  NewArtifact,
  ProjectStore,
} from './store.ts';
export { openFileStore, type FileStoreOptions } from './stores/file/file-store.ts';
