// The artifact store in a folder: atomic writes, digests checked on write and read.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { invalid } from '../../errors.ts';
import type { ArtifactStore, ProjectStore } from '../../store.ts';
import { createBlobs } from './blobs.ts';
import { createCheckpoints } from './checkpoints.ts';
import { namesIn, removeAbandoned } from './files.ts';
import { createManifests } from './manifests.ts';
import { createResults } from './results.ts';
import { translateStorageError } from './storage-errors.ts';

export interface FileStoreOptions {
  /** Absolute path; created if missing. */
  folder: string;
}

/** A project's id is a folder's name here. */
const projectPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Opens the store; removes temporary files that dead writers left more than a day ago. */
export async function openFileStore({ folder }: FileStoreOptions): Promise<ArtifactStore> {
  if (!path.isAbsolute(folder)) throw invalid(`not an absolute path: ${folder}`, 'folder');
  try {
    await mkdir(folder, { recursive: true });
    for (const project of await namesIn(folder)) {
      await removeAbandoned(temporaryFolder(path.join(folder, project)), Date.now());
    }
  } catch (error) {
    throw await translateStorageError(error, folder, null);
  }
  return {
    project(projectId) {
      if (!projectPattern.test(projectId)) throw invalid('not a project id', 'projectId');
      return openProject(path.join(folder, projectId));
    },
  };
}

function openProject(folder: string): ProjectStore {
  const temporary = temporaryFolder(folder);
  const blobs = createBlobs(folder, temporary);
  const manifests = createManifests(blobs);
  const results = createResults(path.join(folder, 'results'), temporary, manifests);
  const checkpoints = createCheckpoints(path.join(folder, 'checkpoints'), blobs, manifests);
  return translated(folder, {
    async putBlob(bytes) {
      const written = await blobs.write(bytes);
      await blobs.pin(written.digest, 'blob'); // nothing that is dropped later takes it along
      return written;
    },
    getBlob: (digest) => blobs.read(digest),
    openBlob: async (digest) => (await blobs.openStream(digest)).stream,
    hasBlob: (digest) => blobs.has(digest),
    putArtifact: manifests.put,
    getManifest: manifests.get,
    getFile: async (digest, name) => blobs.read(await manifests.fileDigest(digest, name)),
    openFile: async (digest, name) => blobs.openStream(await manifests.fileDigest(digest, name)),
    isWhole: manifests.isWhole,
    putResult: results.put,
    getResult: results.get,
    putCheckpoint: checkpoints.put,
    lastCheckpoint: checkpoints.last,
    dropCheckpoints: checkpoints.drop,
  });
}

function temporaryFolder(projectFolder: string): string {
  return path.join(projectFolder, 'tmp');
}

/** The same store, whose methods throw StillwattErrors for what the file system refuses. */
function translated(folder: string, store: ProjectStore): ProjectStore {
  const entries = Object.entries(store).map(([name, method]) => [
    name,
    async (...parameters: unknown[]) => {
      try {
        return await (method as (...all: unknown[]) => Promise<unknown>)(...parameters);
      } catch (error) {
        throw await translateStorageError(error, folder, null);
      }
    },
  ]);
  return Object.fromEntries(entries) as ProjectStore;
}
