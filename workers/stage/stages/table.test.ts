// What a stage process loads before it knows that it must compute a model.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** In a process of its own: this one may have loaded anything. */
function hasTensorFlow(then: string): boolean {
  const table = new URL('table.ts', import.meta.url).href;
  const engine = import.meta.resolve('@stillwatt/engine');
  const script = `
    await import(${JSON.stringify(table)});
    const { openBackend } = await import(${JSON.stringify(engine)});
    ${then}
    const { readFileSync } = await import('node:fs');
    process.stdout.write(String(/libtensorflow/.test(readFileSync('/proc/self/maps', 'latin1'))));
    process.exit();`;
  const args = ['--input-type=module', '-e', script];
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).endsWith('true');
}

it('is no TensorFlow: the stage of the data would wait a second for nothing', () => {
  expect(hasTensorFlow('')).toBe(false);
  expect(hasTensorFlow('await openBackend("tfjs", { threads: 1 });')).toBe(true);
});
