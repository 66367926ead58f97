// Hostile inputs to real stages: each ends in its code, with a place and a fix, and leaves no result.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorBody } from '@stillwatt/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  openStageBench,
  planOf,
  type SpecChanges,
  type StageBench,
} from '../support/stage-bench.ts';

describe('hostile inputs', () => {
  let bench: StageBench;
  let failures = 0;
  /** Copies of the good model and data, for one test to spoil. */
  let model: string;
  let data: string;
  beforeAll(async () => {
    bench = await openStageBench();
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    model = join(bench.folder, `model-${++failures}`);
    data = join(bench.folder, `data-${failures}`);
    cpSync(bench.model, model, { recursive: true });
    cpSync(bench.data, data, { recursive: true });
  });

  const failureOfModel = (): Promise<ErrorBody> => failureOf('teacher', { model: `dir:${model}` });
  const failureOfData = (): Promise<ErrorBody> =>
    failureOf('data', { data: { source: `dir:${data}` } });

  async function failureOf(stage: string, changes: SpecChanges = {}): Promise<ErrorBody> {
    const spec = bench.spec(changes);
    const plan = planOf(spec, stage);
    for (const from of Object.values(plan.inputs)) await bench.result(spec, from);
    const input = { ...bench.input(plan, bench.outputs()), path: `run_${++failures}/${stage}` };
    const { exit } = await bench.finish(await bench.start(input));
    expect(await bench.store.getResult(input.key)).toBeNull();
    if (exit.state !== 'failed') throw new Error(`expected a failure: ${JSON.stringify(exit)}`);
    return exit.error;
  }

  const weights = (): string => join(model, 'model.safetensors');

  it('a truncated safetensors file', async () => {
    truncateSync(weights(), statSync(weights()).size - 1000);
    expect(await failureOfModel()).toMatchObject({
      code: 'MODEL_INVALID',
      path: 'model.safetensors',
      fix: expect.any(String),
    });
  });

  it.each([
    ['offsets beyond the file', [0, 2 ** 40]],
    ['offsets that overflow', [0, Number.MAX_SAFE_INTEGER + 3]],
    ['offsets that run backwards', [400, 0]],
  ])('a safetensors header with %s', async (_name, data_offsets) => {
    const name = 'embeddings.LayerNorm.bias';
    const bytes = readFileSync(weights());
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, object>;
    header[name] = { ...header[name], data_offsets };
    writeFileSync(weights(), safetensors(header, bytes.subarray(8 + length)));
    expect((await failureOfModel()).code).toBe('MODEL_INVALID');
  });

  it('a safetensors header longer than the file', async () => {
    const bytes = readFileSync(weights());
    bytes.writeBigUInt64LE(2n ** 63n + 5n);
    writeFileSync(weights(), bytes);
    expect((await failureOfModel()).code).toBe('MODEL_INVALID');
  });

  it('a tokenizer of another vocabulary', async () => {
    const file = join(model, 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as {
      model: { vocab: Record<string, number> };
    };
    for (let id = 200; id < 400; id++) tokenizer.model.vocab[`word${id}`] = id;
    writeFileSync(file, JSON.stringify(tokenizer));
    expect(await failureOfModel()).toMatchObject({
      code: 'MODEL_INVALID',
      path: 'tokenizer.json',
    });
  });

  it('a file missing from the model', async () => {
    rmSync(join(model, 'tokenizer.json'));
    expect(await failureOfModel()).toMatchObject({
      code: 'SOURCE_MISSING',
      path: 'tokenizer.json',
    });
  });

  it.each([
    ['a wrong column count', 'good film\tpositive\tand more\n'],
    ['no label', 'good film\n'],
    ['a label that is not declared', 'good film\tsplendid\n'],
    ['an empty text', '  \tpositive\n'],
  ])('a TSV with %s', async (_name, row) => {
    const file = join(data, 'train.tsv');
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[4] = row.trimEnd();
    writeFileSync(file, lines.join('\n'));
    expect(await failureOfData()).toMatchObject({ code: 'DATA_INVALID', path: 'train.tsv:5' });
  });

  it('texts that stand in two splits stay with the held-out one, and are counted', async () => {
    const train = join(data, 'train.tsv');
    const test = join(data, 'test.tsv');
    const doubled = readFileSync(train, 'utf8').split('\n').slice(1, 6);
    writeFileSync(test, `${readFileSync(test, 'utf8')}${doubled.join('\n')}\n`);
    const spec = bench.spec({ data: { source: `dir:${data}` } });
    const { summary } = await bench.result(spec, 'data', 'run_leaks');
    expect(summary.droppedRows).toEqual({ 'in two splits': 5 });
    expect(summary.rows).toEqual({ train: 256 - 5, validation: 64, test: 64 + 5 });
  });

  it('a source that is not there', async () => {
    expect(await failureOf('teacher', { model: 'pypi:nothing@1.0' })).toMatchObject({
      code: 'SOURCE_MISSING',
      path: 'pypi:nothing@1.0',
    });
    expect(await failureOf('data', { data: { source: 'dir:/no/such/folder' } })).toMatchObject({
      code: 'SOURCE_MISSING',
    });
  });

  it('an input artifact that is gone or of the wrong kind', async () => {
    const spec = bench.spec();
    const made = await bench.result(spec, 'data');
    const plan = planOf(spec, 'evaluate-teacher');
    const gone = { ...made.output, digest: `sha256:${'1'.repeat(64)}` as const };
    for (const [outputs, code] of [
      [{ data: gone, teacher: gone }, 'ARTIFACT_MISSING'],
      [{ data: made.output, teacher: made.output }, 'INPUT_INVALID'],
    ] as const) {
      const input = { ...bench.input(plan, outputs), path: `run_${code}/evaluate` };
      const { exit } = await bench.finish(await bench.start(input));
      expect(exit).toMatchObject({ state: 'failed', error: { code } });
    }
  });

  it('a config of the wrong shape', async () => {
    const spec = bench.spec();
    const input = bench.input(planOf(spec, 'data'), {});
    const config = { data: { task: 'sst3' } };
    const handle = await bench.start({ ...input, config, path: 'run_shape/data', key: 'shape' });
    expect((await bench.finish(handle)).exit).toMatchObject({
      state: 'failed',
      error: { code: 'INPUT_INVALID', path: 'data.task' },
    });
  });

  it('less memory than the engine needs', async () => {
    const spec = bench.spec();
    await bench.result(spec, 'data');
    const input = { ...bench.input(planOf(spec, 'teacher'), bench.outputs()), path: 'run_small' };
    const { exit } = await bench.finish(await bench.start(input, 1, { memoryMiB: 96 }));
    expect(exit).toMatchObject({ state: 'failed', error: { code: 'STAGE_OUT_OF_MEMORY' } });
  });
});

// Mounting a small file system needs root: the test says so where it cannot.
describe.skipIf(process.getuid?.() !== 0)('a full disk (needs root to mount a small one)', () => {
  let disk: string;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'stillwatt-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk]);
  });
  afterEach(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  it('under the store: STORAGE_FULL, and no partial result', async () => {
    const artifacts = join(disk, 'artifacts');
    mkdirSync(artifacts);
    const bench = await openStageBench({ artifacts });
    try {
      const spec = bench.spec();
      await bench.result(spec, 'data');
      const input = bench.input(planOf(spec, 'teacher'), bench.outputs());
      const { exit } = await bench.finish(await bench.start(input));
      expect(exit).toMatchObject({ state: 'failed', error: { code: 'STORAGE_FULL' } });
      expect(await bench.store.getResult(input.key)).toBeNull();
    } finally {
      await bench.close();
    }
  });
});

function safetensors(header: object, data: Uint8Array): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, data]);
}
