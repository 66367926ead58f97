// A bundle is built once for its sources, and takes the place of older ones.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { prepareBundle } from './bundle.ts';

it('is built once, and those of older sources are removed', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stillwatt-bundle-'));
  try {
    const logger = new DefaultLogger('ERROR');
    for (const name of ['workflows-0123456789abcdef.js', 'workflows-fedcba9876543210.js.77'])
      writeFileSync(path.join(folder, name), '');
    const first = await prepareBundle(logger, folder);
    expect(first.wasBuilt).toBe(true);
    // A draft is that of another host, which is at it.
    const kept = [path.basename(first.codePath), 'workflows-fedcba9876543210.js.77'].sort();
    expect(readdirSync(folder).sort()).toEqual(kept);
    expect(await prepareBundle(logger, folder)).toEqual({ ...first, wasBuilt: false });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
