// The file store: the suite of every store, and what only files do.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { canonicalJson, openFileStore } from '@stillwatt/artifacts';
import { digestOf } from '../../../workers/artifacts/canonical.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeResult } from '../../support/database.ts';
import { testStore } from './suite.ts';

let folder: string;
const makeFolder = async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillwatt-store-'));
};

testStore('file store', async () => {
  await makeFolder();
  const fileOf = (projectId: string, digest: string) => {
    const hex = digest.slice('sha256:'.length);
    return path.join(folder, projectId, 'blobs', hex.slice(0, 2), hex);
  };
  return {
    store: await openFileStore({ folder }),
    reopen: () => openFileStore({ folder }),
    async damage(projectId, digest) {
      const handle = await open(fileOf(projectId, digest), 'r+');
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 0);
      await handle.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, 0);
      await handle.close();
    },
    lose: (projectId, digest) => rm(fileOf(projectId, digest)),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

describe('file store on a disk', () => {
  beforeEach(makeFolder);
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('removes temporary files of dead writers, a day later', async () => {
    const temporary = path.join(folder, 'prj_1', 'tmp');
    await mkdir(temporary, { recursive: true });
    const long = new Date(Date.now() - 25 * 3600 * 1000);
    await writeFile(path.join(temporary, 'dead'), 'x');
    await utimes(path.join(temporary, 'dead'), long, long);
    await writeFile(path.join(temporary, 'alive'), 'x');
    await openFileStore({ folder });
    expect(await readdir(temporary)).toEqual(['alive']);
  });

  it('leaves no temporary file behind', async () => {
    const project = (await openFileStore({ folder })).project('prj_1');
    const bytes = randomBytes(1000);
    await project.putBlob(bytes);
    await project.putBlob(bytes);
    expect(await readdir(path.join(folder, 'prj_1', 'tmp'))).toEqual([]);
  });

  it('takes a damaged text of a result for none', async () => {
    const project = (await openFileStore({ folder })).project('prj_1');
    const files = new Map([['a', randomBytes(10)]]);
    const lineage = { stageKey: 'key', inputs: {} };
    const output = await project.putArtifact({ kind: 'profile', files, lineage });
    const result = makeResult('run_1/profile');
    const first = await project.putResult('key', { ...result, output });
    const results = path.join(folder, 'prj_1', 'results');
    const [name = ''] = await readdir(results);
    await truncate(path.join(results, name), 20);
    expect(await project.getResult('key')).toBeNull();
    expect(await project.putResult('key', first)).toEqual(first);
    expect(await project.getResult('key')).toEqual(first);
  });

  it('takes a result that another version wrote for none', async () => {
    const project = (await openFileStore({ folder })).project('prj_1');
    const results = path.join(folder, 'prj_1', 'results');
    await mkdir(results, { recursive: true });
    const old = { path: 'run_1/profile', wall: 1 };
    const name = digestOf('key').slice('sha256:'.length);
    const text = canonicalJson({ name: 'key', digest: digestOf(canonicalJson(old)), result: old });
    await writeFile(path.join(results, `${name}.json`), text);
    expect(await project.getResult('key')).toBeNull();
    expect(await readdir(results)).toEqual([]);
  });

  it('refuses a relative folder', async () => {
    await expect(openFileStore({ folder: 'store' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  it.skipIf(process.getuid?.() === 0)(
    'says which folder it may not write (not as root, who may)',
    async () => {
      await chmod(folder, 0o500);
      const project = (await openFileStore({ folder })).project('prj_1');
      const refusal = { code: 'STORAGE_UNAVAILABLE', retryable: true, path: folder };
      await expect(project.putBlob(randomBytes(10))).rejects.toMatchObject(refusal);
    },
  );

  it('says that a file stands where the folder should be', async () => {
    await writeFile(path.join(folder, 'store'), 'x');
    const store = openFileStore({ folder: path.join(folder, 'store', 'below') });
    await expect(store).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });
});

describe.skipIf(!canMount())('file store on a full disk (needs the right to mount)', () => {
  const megabyte = 1024 * 1024;

  beforeEach(async () => {
    await makeFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  });
  afterEach(async () => {
    execFileSync('umount', [folder]);
    await rm(folder, { recursive: true, force: true });
  });

  it('says folder, needed and free bytes, keeps nothing, and works on with space', async () => {
    const project = (await openFileStore({ folder })).project('prj_1');
    const kept = await project.putBlob(randomBytes(megabyte));
    await expect(project.putBlob(randomBytes(1.5 * megabyte))).rejects.toMatchObject({
      ...{ code: 'STORAGE_FULL', retryable: false },
      message: expect.stringMatching(
        new RegExp(`${folder}.*: \\d+ bytes free, 1572864 bytes needed`),
      ) as string,
      fix: expect.stringContaining('free space') as string,
    });
    expect(await readdir(path.join(folder, 'prj_1', 'tmp'))).toEqual([]);
    expect((await project.getBlob(kept.digest)).byteLength).toBe(megabyte);
    await project.putBlob(randomBytes(megabyte / 4));
  });
});

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
