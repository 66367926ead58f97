// A moment of what `node workers/native/fuzz/binding.ts --seconds 600` does for long, in a process of its own.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { recipes } from './recipes.ts';

test('no argument crashes a call, and every method serves valid ones', () => {
  const script = new URL('binding.ts', import.meta.url).pathname;
  const output = execFileSync(process.execPath, [script, '--seconds', '10', '--seed', '3'], {
    encoding: 'utf8',
  });
  const { calls, silent, unknown } = JSON.parse(output) as Record<string, unknown>;
  expect(calls).toBeGreaterThan(1000);
  expect({ silent, unknown }).toEqual({ silent: [], unknown: [] });
  expect(Object.keys(recipes).length).toBeGreaterThan(30);
});
