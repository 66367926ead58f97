// What every artifact store must do, as a function over the way to make one.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ArtifactFile, ArtifactStore, NewArtifact, ProjectStore } from '@stillwatt/artifacts';
import type { Digest, StageResult } from '@stillwatt/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface StoreUnderTest {
  store: ArtifactStore;
  /** Opens it a second time, as another process would. */
  reopen(): Promise<ArtifactStore>;
  /** Changes a stored byte behind the store's back. */
  damage(projectId: string, digest: Digest): Promise<void>;
  /** Removes stored bytes behind the store's back. */
  lose(projectId: string, digest: Digest): Promise<void>;
  close(): Promise<void>;
}

const text = (value: string) => new TextEncoder().encode(value);
const absent: Digest = `sha256:${'0'.repeat(64)}`;
/** SHA-256 of "abc", from FIPS 180-2. */
const abc: Digest = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

/** Of the artifact that model() makes. */
const modelDigest: Digest =
  'sha256:5f24a650027a422fc73cbd4824c8ef3662687c8fda480c6621ccb0d88f93f0ed';

const hostileDigests = [
  ...[
    '',
    'abc',
    'sha256:',
    '../../etc/passwd',
    `sha256:${'A'.repeat(64)}`,
    `sha512:${'0'.repeat(64)}`,
  ],
  ...[`sha256:../${'0'.repeat(61)}`, `sha256:${'0'.repeat(63)}`, `sha256:${'0'.repeat(64)}\n`],
] as Digest[];

export function testStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let subject: StoreUnderTest;
    let project: ProjectStore;
    beforeEach(async () => {
      subject = await make();
      project = subject.store.project('prj_0123456789ab');
    });
    afterEach(() => subject.close());

    describe('blobs', () => {
      it('names bytes by their SHA-256', async () => {
        expect(await project.putBlob(text('abc'))).toEqual({ digest: abc, sizeBytes: 3 });
        expect(await project.getBlob(abc)).toEqual(Buffer.from('abc'));
        expect(await project.hasBlob(abc)).toBe(true);
        expect(await project.hasBlob(absent)).toBe(false);
      });

      it('gives a stream the digest of its bytes', async () => {
        const bytes = randomBytes(1_000_003);
        const whole = await project.putBlob(bytes);
        const chunks = [bytes.subarray(0, 7), bytes.subarray(7, 500_000), bytes.subarray(500_000)];
        expect(await project.putBlob(Readable.from(chunks))).toEqual(whole);
        expect(bytes.equals(await buffer(await project.openBlob(whole.digest)))).toBe(true);
      });

      it('holds no bytes at all, too', async () => {
        const { digest, sizeBytes } = await project.putBlob(new Uint8Array());
        expect(sizeBytes).toBe(0);
        expect((await project.getBlob(digest)).byteLength).toBe(0);
        expect((await buffer(await project.openBlob(digest))).byteLength).toBe(0);
      });

      it('keeps nothing of a stream that fails', async () => {
        const broken = async function* () {
          yield text('abc');
          throw new Error('the source broke');
        };
        await expect(project.putBlob(broken())).rejects.toThrow('the source broke');
        expect(await project.hasBlob(abc)).toBe(false);
      });

      it('says what is missing', async () => {
        await expect(project.getBlob(absent)).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
        await expect(project.openBlob(absent)).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
      });

      it('finds damage on reading, and a stream errors before its end', async () => {
        const { digest } = await project.putBlob(randomBytes(300_000));
        await subject.damage('prj_0123456789ab', digest);
        await expect(project.getBlob(digest)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
        const stream = await project.openBlob(digest);
        await expect(buffer(stream)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
      });

      it('repairs damage when the right bytes are stored again', async () => {
        const bytes = randomBytes(1000);
        const { digest } = await project.putBlob(bytes);
        await subject.damage('prj_0123456789ab', digest);
        await project.putBlob(bytes);
        expect(bytes.equals(await project.getBlob(digest))).toBe(true);
      });

      it('takes the same bytes from many writers at once', async () => {
        const bytes = randomBytes(200_000);
        const refs = await Promise.all(Array.from({ length: 8 }, () => project.putBlob(bytes)));
        expect(new Set(refs.map((ref) => ref.digest)).size).toBe(1);
        expect(bytes.equals(await project.getBlob(refs[0]!.digest))).toBe(true);
      });

      it.each(hostileDigests)('refuses %j as a digest', async (digest) => {
        const refusal = { code: 'INPUT_INVALID' };
        await expect(project.getBlob(digest)).rejects.toMatchObject(refusal);
        await expect(project.openBlob(digest)).rejects.toMatchObject(refusal);
        await expect(project.hasBlob(digest)).rejects.toMatchObject(refusal);
        await expect(project.getManifest(digest)).rejects.toMatchObject(refusal);
        await expect(project.isWhole(digest)).rejects.toMatchObject(refusal);
      });

      it.each(['', '.', '..', 'a/b', '../x', 'a\0b', '-x', 'x'.repeat(65)])(
        'refuses %j as a project',
        (id) => expect(() => subject.store.project(id)).toThrow('not a project id'),
      );

      it('keeps projects apart', async () => {
        await project.putBlob(text('abc'));
        expect(await subject.store.project('prj_other').hasBlob(abc)).toBe(false);
      });

      it('is there for another process', async () => {
        await project.putBlob(text('abc'));
        const other = (await subject.reopen()).project('prj_0123456789ab');
        expect(await other.getBlob(abc)).toEqual(Buffer.from('abc'));
      });
    });

    describe('artifacts', () => {
      it('groups files under a manifest', async () => {
        const ref = await project.putArtifact(model());
        expect(ref).toMatchObject({ kind: 'model', sizeBytes: 10 });
        expect(await project.getManifest(ref.digest)).toMatchObject({
          ...{ version: 1, kind: 'model', lineage: model().lineage },
          files: [
            { name: 'config.json', sizeBytes: 2 },
            { name: 'weights.bin', sizeBytes: 8 },
          ],
        });
        expect(await project.getFile(ref.digest, 'config.json')).toEqual(Buffer.from('{}'));
        const { stream, sizeBytes } = await project.openFile(ref.digest, 'weights.bin');
        expect(sizeBytes).toBe(8);
        expect((await buffer(stream)).toString()).toBe('weights!');
      });

      it('gives equal content the equal digest, whatever the order', async () => {
        const files = new Map([...model().files].reverse());
        const inputs = Object.fromEntries(Object.entries(model().lineage.inputs).reverse());
        const lineage = { inputs, stageKey: 'key' };
        const first = await project.putArtifact(model());
        expect(await project.putArtifact({ lineage, files, kind: 'model' })).toEqual(first);
        const other = { ...lineage, stageKey: 'another' };
        expect(await project.putArtifact({ ...model(), lineage: other })).not.toEqual(first);
      });

      it('copies a file from a path and from a stream', async () => {
        const folder = await mkdtemp(path.join(tmpdir(), 'stillwatt-store-'));
        const file = path.join(folder, 'weights.bin');
        await writeFile(file, 'weights!');
        const config = Readable.from([text('{}')]);
        const files = new Map<string, ArtifactFile>([
          ['weights.bin', { path: file }],
          ['config.json', config],
        ]);
        const ref = await project.putArtifact({ ...model(), files });
        await rm(folder, { recursive: true });
        expect(ref).toEqual(await project.putArtifact(model()));
      });

      it.each(['', '..', 'a/b', '.hidden', '-rf', 'a b', 'ä', 'x'.repeat(201)])(
        'refuses %j as the name of a file',
        async (name) => {
          const files = new Map([[name, text('x')]]);
          const refusal = { code: 'INPUT_INVALID' };
          await expect(project.putArtifact({ ...model(), files })).rejects.toMatchObject(refusal);
        },
      );

      it('says that a file or an artifact is missing', async () => {
        const { digest } = await project.putArtifact(model());
        const refusal = { code: 'ARTIFACT_MISSING' };
        await expect(project.getFile(digest, 'other.bin')).rejects.toMatchObject(refusal);
        await expect(project.getManifest(absent)).rejects.toMatchObject(refusal);
      });

      it('does not take bytes for a manifest, and reads no large ones as one', async () => {
        const { digest } = await project.putBlob(text('{"version":1}'));
        await expect(project.getManifest(digest)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
        const large = await project.putBlob(Buffer.alloc(2_000_000));
        await expect(project.getManifest(large.digest)).rejects.toThrow('at most');
      });

      it('refuses a manifest without bounds', async () => {
        const inputs = Object.fromEntries(
          Array.from({ length: 8000 }, (_, index) => [`${'i'.repeat(90)}${index}`, absent]),
        );
        const lineage = { stageKey: 'key', inputs };
        const refusal = { code: 'INPUT_INVALID' };
        await expect(project.putArtifact({ ...model(), lineage })).rejects.toMatchObject(refusal);
      });

      it('finds damage in a file and in a manifest', async () => {
        const { digest } = await project.putArtifact(model());
        const { files } = await project.getManifest(digest);
        await subject.damage('prj_0123456789ab', files[1]!.digest);
        const refusal = { code: 'ARTIFACT_CORRUPT' };
        await expect(project.getFile(digest, 'weights.bin')).rejects.toMatchObject(refusal);
        await subject.damage('prj_0123456789ab', digest);
        await expect(project.getManifest(digest)).rejects.toMatchObject(refusal);
      });
    });

    describe('results', () => {
      beforeEach(async () => {
        expect((await project.putArtifact(model())).digest).toBe(modelDigest);
      });

      it('keeps the first one under a name', async () => {
        expect(await project.getResult('run_1/teacher#1')).toBeNull();
        expect(await project.putResult('run_1/teacher#1', result(1))).toEqual(result(1));
        expect(await project.putResult('run_1/teacher#1', result(1))).toEqual(result(1));
        expect(await project.putResult('run_1/teacher#1', result(2))).toEqual(result(1));
        expect(await project.getResult('run_1/teacher#1')).toEqual(result(1));
        expect(await project.getResult('run_1/teacher#2')).toBeNull();
      });

      it('tells all of many writers who was first', async () => {
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, index) => project.putResult('key', result(index))),
        );
        const stored = await project.getResult('key');
        for (const answer of answers) expect(answer).toEqual(stored);
      });

      const places = { manifest: null, 'first file': 0, 'second file': 1 };
      const harms = (['lose', 'damage'] as const).flatMap((harm) =>
        Object.entries(places).map(([place, index]) => [harm, place, index] as const),
      );
      it.each(harms)(
        'has none whose output is not whole, and takes another (%s the %s)',
        async (harm, _place, index) => {
          await project.putResult('key', result(1));
          const manifest = await project.getManifest(modelDigest);
          const digest = index === null ? modelDigest : manifest.files[index]!.digest;
          await subject[harm]('prj_0123456789ab', digest);
          expect(await project.isWhole(modelDigest)).toBe(false);
          expect(await project.getResult('key')).toBeNull();

          const files = new Map([['other.bin', text('other')]]);
          const other = { ...result(2), output: await project.putArtifact({ ...model(), files }) };
          expect(await project.putResult('key', other)).toEqual(other);
          expect(await project.getResult('key')).toEqual(other);
        },
      );

      it('counts what made its output again, once somebody has missed it', async () => {
        await project.putResult('key', result(1));
        await subject.lose('prj_0123456789ab', modelDigest);
        expect(await project.getResult('key')).toBeNull();
        await project.putArtifact(model());
        expect(await project.putResult('key', result(2))).toEqual(result(2));
      });

      it('refuses what is no result', async () => {
        const wrong = { ...result(1), wallSeconds: -1 };
        await expect(project.putResult('key', wrong)).rejects.toMatchObject({
          code: 'INPUT_INVALID',
        });
      });
    });

    describe('checkpoints', () => {
      const put = async (step: number, shared = '') => {
        const files = new Map([
          ['state.bin', text(`state at ${step}`)],
          ['shared.bin', text(`shared ${shared}`)],
        ]);
        const lineage = { stageKey: 'key', inputs: {} };
        const { digest } = await project.putArtifact({ kind: 'checkpoint', files, lineage });
        await project.putCheckpoint('run_1/teacher', { digest, step });
        return digest;
      };

      it('gives the one with the highest step', async () => {
        expect(await project.lastCheckpoint('run_1/teacher')).toBeNull();
        const digests = [await put(1000), await put(200), await put(90)];
        await put(200);
        const last = { digest: digests[0], step: 1000 };
        expect(await project.lastCheckpoint('run_1/teacher')).toEqual(last);
        expect(await project.lastCheckpoint('run_1/distill')).toBeNull();
        const before = { digest: digests[1], step: 200 };
        expect(await project.lastCheckpoint('run_1/teacher', 1000)).toEqual(before);
        expect(await project.lastCheckpoint('run_1/teacher', 90)).toBeNull();
      });

      it('drops one that is damaged, too', async () => {
        const digest = await put(100);
        await subject.damage('prj_0123456789ab', digest);
        await project.dropCheckpoints('run_1/teacher');
        expect(await project.lastCheckpoint('run_1/teacher')).toBeNull();
        expect(await project.hasBlob(digest)).toBe(false);
      });

      it('refuses one whose artifact is missing', async () => {
        const ref = { digest: absent, step: 1 };
        const refusal = { code: 'ARTIFACT_MISSING' };
        await expect(project.putCheckpoint('run_1/teacher', ref)).rejects.toMatchObject(refusal);
        expect(await project.lastCheckpoint('run_1/teacher')).toBeNull();
      });

      it('frees the bytes of dropped ones and of no others', async () => {
        const [first, second, third] = [await put(100), await put(200), await put(300)];
        const files = async (digest: Digest) => (await project.getManifest(digest)).files;
        const [firstFiles, thirdFiles] = [await files(first), await files(third)];
        await project.dropCheckpoints('run_1/teacher', 300);
        expect(await project.lastCheckpoint('run_1/teacher')).toEqual({ digest: third, step: 300 });
        const isThere = (digest: Digest) => project.hasBlob(digest);
        expect(await Promise.all([first, second, third].map(isThere))).toEqual([
          false,
          false,
          true,
        ]);
        // shared.bin, then state.bin
        const digestsOf = (list: typeof firstFiles) => list.map((file) => isThere(file.digest));
        expect(await Promise.all(digestsOf(firstFiles))).toEqual([true, false]);
        expect(await Promise.all(digestsOf(thirdFiles))).toEqual([true, true]);
        await project.dropCheckpoints('run_1/teacher');
        expect(await project.lastCheckpoint('run_1/teacher')).toBeNull();
        expect(await Promise.all(digestsOf(thirdFiles))).toEqual([false, false]);
      });

      it('leaves bytes that a model or somebody else uses, too', async () => {
        const digest = await put(100);
        const lineage = { stageKey: 'key', inputs: {} };
        const same = await project.putArtifact({
          ...{ kind: 'model', lineage },
          files: new Map([['weights.bin', text('state at 100')]]),
        });
        await project.putBlob(text('shared '));
        await project.putCheckpoint('run_2/teacher', { digest, step: 100 });
        await project.dropCheckpoints('run_1/teacher');
        expect(await project.hasBlob(digest)).toBe(true);
        await project.dropCheckpoints('run_2/teacher');
        expect(await project.hasBlob(digest)).toBe(false);
        expect((await project.getFile(same.digest, 'weights.bin')).toString()).toBe('state at 100');
        const shared = await project.putBlob(text('shared '));
        expect((await project.getBlob(shared.digest)).toString()).toBe('shared ');
      });

      it('can be stored again after it was dropped', async () => {
        const digest = await put(100);
        await project.dropCheckpoints('run_1/teacher');
        expect(await put(100)).toBe(digest);
        expect((await project.getFile(digest, 'state.bin')).toString()).toBe('state at 100');
      });
    });
  });
}

function model(): NewArtifact {
  return {
    kind: 'model',
    files: new Map([
      ['weights.bin', text('weights!')],
      ['config.json', text('{}')],
    ]),
    lineage: { stageKey: 'key', inputs: { dataset: absent, teacher: abc } },
  };
}

function result(steps: number): StageResult {
  return {
    ...{ path: 'run_1/teacher', key: 'key', wallSeconds: 1.5, cpuSeconds: 3, peakRssBytes: 1e8 },
    output: { digest: modelDigest, kind: 'model', sizeBytes: 10 },
    summary: { steps },
    provenance: {
      ...{ node: '22', tensorflow: '2.9', engine: '1', kernels: 'tfjs', threads: 2 },
      ...{ cpu: 'a cpu', host: 'a host' },
    },
  };
}
