// The artifact store in a folder: atomic writes, digests checked on write and read.
import type { ArtifactStore } from '../../store.ts';

export interface FileStoreOptions {
  /** Absolute path; created if missing. */
  folder: string;
}

/** Opens the store; removes temporary files that dead writers left more than a day ago. */
export async function openFileStore(_options: FileStoreOptions): Promise<ArtifactStore> {
  throw new Error('being written');
}
