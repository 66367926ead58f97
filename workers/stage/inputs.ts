// Input artifacts as the engine's values, and models as the files of an artifact.
import type { ProjectStore } from '@stillwatt/artifacts';
import { StillwattError, type StageSummary } from '@stillwatt/contracts';
import {
  type Dataset,
  describeModel,
  loadModel,
  type Model,
  parseDataset,
  saveModel,
} from '@stillwatt/engine';
import {
  maxTextBytes,
  maxWeightsBytes,
  openSource,
  readIfPresent,
  readSourceFile,
} from './sources.ts';

const weights = 'model.safetensors';
const requiredFiles = ['config.json', weights, 'tokenizer.json'];
/** Kept beside a model for other programs; the engine needs none of them. */
const companionFiles = ['tokenizer_config.json', 'vocab.txt', 'special_tokens_map.json'];

/** A model and the files that go along with it. */
export interface LoadedModel {
  model: Model;
  companions: ReadonlyMap<string, Uint8Array>;
}

export async function loadDataset(store: ProjectStore, digest: string): Promise<Dataset> {
  const manifest = await store.getManifest(digest);
  requireKind(manifest.kind, 'dataset');
  return parseDataset(
    await readAll(
      store,
      digest,
      manifest.files.map((file) => file.name),
    ),
  );
}

/** MODEL_INVALID where files are missing, damaged or do not belong together. */
export async function loadModelArtifact(store: ProjectStore, digest: string): Promise<LoadedModel> {
  const manifest = await store.getManifest(digest);
  requireKind(manifest.kind, 'model');
  const names = manifest.files.map((file) => file.name);
  const files = await readAll(
    store,
    digest,
    [...requiredFiles, ...companionFiles].filter((name) => names.includes(name)),
  );
  return split(files);
}

/** The same from a source folder of the spec. */
export async function loadModelSource(source: string, cache: string): Promise<LoadedModel> {
  const folder = await openSource(source, cache);
  const files = new Map<string, Uint8Array>();
  for (const name of requiredFiles) {
    const maxBytes = name === weights ? maxWeightsBytes : maxTextBytes;
    files.set(name, await readSourceFile(folder, name, { maxBytes, tooLarge: 'MODEL_INVALID' }));
  }
  for (const name of companionFiles) {
    const bounds = { maxBytes: maxTextBytes, tooLarge: 'MODEL_INVALID' } as const;
    const bytes = await readIfPresent(folder, name, bounds);
    if (bytes) files.set(name, bytes);
  }
  return split(files);
}

/** The files of a model artifact, and its row for tables. */
export function modelFiles(loaded: LoadedModel): {
  files: ReadonlyMap<string, Uint8Array>;
  model: NonNullable<StageSummary['model']>;
} {
  const files = new Map([...loaded.companions, ...saveModel(loaded.model)]);
  const sizeBytes = files.get(weights)?.byteLength ?? 0;
  return { files, model: { ...describeModel(loaded.model), sizeBytes } };
}

function split(files: ReadonlyMap<string, Uint8Array>): LoadedModel {
  return {
    model: loadModel(files),
    companions: new Map([...files].filter(([name]) => companionFiles.includes(name))),
  };
}

async function readAll(
  store: ProjectStore,
  digest: string,
  names: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await store.getFile(digest, name));
  return files;
}

function requireKind(kind: string, wanted: string): void {
  if (kind === wanted) return;
  throw new StillwattError('INPUT_INVALID', `the input is a ${kind}, not a ${wanted}`);
}
