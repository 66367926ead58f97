// Artifacts: files under names, grouped by a manifest whose digest is the artifact's.
import { createReadStream } from 'node:fs';
import { type ArtifactRef, type Digest, type Manifest, manifestSchema } from '@stillwatt/contracts';
import { canonicalJson, digestOf } from '../../canonical.ts';
import { hexOf, invalid, missing } from '../../errors.ts';
import type { ArtifactFile, BlobRef, Bytes, NewArtifact } from '../../store.ts';
import type { Blobs } from './blobs.ts';

/** 1000 files take a third of it. */
const maxManifestBytes = 1024 * 1024;

export interface Manifests {
  put(artifact: NewArtifact): Promise<ArtifactRef>;
  get(digest: Digest): Promise<Manifest>;
  fileDigest(digest: Digest, name: string): Promise<Digest>;
  isWhole(digest: Digest): Promise<boolean>;
}

export function createManifests(blobs: Blobs): Manifests {
  async function get(digest: Digest): Promise<Manifest> {
    const bytes = await blobs.read(digest, maxManifestBytes);
    const parsed = manifestSchema.safeParse(parseJson(bytes));
    if (!parsed.success) throw invalid(`${digest} is bytes, not an artifact`, 'digest');
    return parsed.data;
  }

  return {
    get,

    async put({ kind, files, lineage }) {
      const written = new Map<string, BlobRef>();
      checkNames(files.keys());
      for (const [name, file] of sorted(files)) written.set(name, await blobs.write(bytesOf(file)));
      const manifest = manifestSchema.parse({
        version: 1,
        kind,
        files: [...written].map(([name, { digest, sizeBytes }]) => ({ name, digest, sizeBytes })),
        lineage,
      });
      const text = new TextEncoder().encode(canonicalJson(manifest));
      if (text.byteLength > maxManifestBytes) {
        throw invalid(
          `a manifest of ${text.byteLength} bytes: at most ${maxManifestBytes}`,
          'files',
        );
      }
      const digest = digestOf(text);
      for (const [name, file] of files) await hold(blobs, digest, file, written.get(name));
      await blobs.write(text); // last: a manifest that is there has its files
      // a checkpoint is held by those who may resume from it
      if (kind !== 'checkpoint') await blobs.pin(digest, 'artifact');
      return { digest, kind, sizeBytes: manifest.files.reduce((sum, f) => sum + f.sizeBytes, 0) };
    },

    async fileDigest(digest, name) {
      const file = (await get(digest)).files.find((candidate) => candidate.name === name);
      if (!file) throw missing(`file ${JSON.stringify(name)} of ${digest}`);
      return file.digest;
    },

    async isWhole(digest) {
      if (!(await blobs.isSound(digest))) return false;
      for (const file of (await get(digest)).files) {
        if (!(await blobs.isSound(file.digest))) return false;
      }
      return true;
    },
  };
}

/** Pins a file for its manifest, writing it once more if it was freed just before. */
async function hold(
  blobs: Blobs,
  manifest: Digest,
  file: ArtifactFile,
  written: BlobRef | undefined,
): Promise<void> {
  if (!written || (await blobs.pin(written.digest, hexOf(manifest)))) return;
  if (!(file instanceof Uint8Array) && !('path' in file)) throw missing(written.digest);
  await blobs.write(bytesOf(file));
}

function bytesOf(file: ArtifactFile): Bytes {
  return 'path' in file ? createReadStream(file.path) : file;
}

function sorted(files: NewArtifact['files']): [string, ArtifactFile][] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Before anything is written. */
function checkNames(names: Iterable<string>): void {
  const schema = manifestSchema.shape.files.element.shape.name;
  for (const name of names) {
    if (schema.safeParse(name).success) continue;
    throw invalid(`${JSON.stringify(name)} cannot be a file's name in an artifact`, 'files');
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
