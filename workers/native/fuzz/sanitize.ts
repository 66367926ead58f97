// `npm run sanitize [-- --seconds 60]`: AddressSanitizer over the fuzzer of the loader, the compiled library under
// node (its tests and its fuzzer), and the kernels' tests on every variant of this CPU.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const target = 'x86_64-unknown-linux-gnu'; // a target of its own: build scripts stay as they are
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/vitest.config.ts'];

const at = process.argv.indexOf('--seconds');
const seconds = at < 0 ? '60' : process.argv[at + 1]!;
const { cache } = JSON.parse(
  readFileSync(path.join(root, 'node_modules/.stillwatt/parts.json'), 'utf8'),
) as { cache: string };
const folder = path.join(cache, 'cargo-sanitized');
const built = path.join(folder, target, 'debug');
const library = path.join(built, 'libstillwatt_binding.so');
const examples = path.join(built, 'examples');

/** Values of the environment that sanitized code is built and run with. Leaks: node keeps what it has to its end. */
const sanitized = [
  'RUSTC_BOOTSTRAP=1',
  'RUSTFLAGS=-Zsanitizer=address',
  'ASAN_OPTIONS=detect_leaks=0',
];

const run = (name: string, command: string, ...args: string[]): string => {
  const began = performance.now();
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 256e6 } as const;
  const { status, signal, stdout, stderr } = spawnSync(command, args, options);
  const took = ((performance.now() - began) / 1000).toFixed(0);
  if (status !== 0 || stderr.includes('AddressSanitizer')) {
    console.log(`${stdout}${stderr}\n✗ ${name} (${took} s): ended with ${status ?? signal}`);
    process.exit(1);
  }
  console.log(`✓ ${name} (${took} s)`);
  return stdout;
};

const cargo = (name: string, command: string, ...args: string[]): string => {
  const crate = ['--manifest-path', 'workers/native/Cargo.toml', '--locked'];
  const place = ['--target', target, '--target-dir', folder];
  return run(name, 'env', ...sanitized, 'cargo', command, ...crate, ...place, ...args);
};

/** Vector instructions of every variant, one past the end: each must be reported. */
function proveThatItSees(): void {
  const names = ['--example', 'past_the_end', '--example', 'fuzz_loader'];
  cargo('build', 'build', '--workspace', '--lib', ...names);
  const example = path.join(examples, 'past_the_end');
  const cases = run('list of instructions', example).trim().split('\n');
  for (const line of cases) {
    const { stderr } = spawnSync('env', [...sanitized, example, ...line.split(' ')], {
      encoding: 'utf8',
    });
    if (!stderr.includes('AddressSanitizer: heap-buffer-overflow')) {
      console.log(`✗ ${line}: an access past the end was not reported\n${stderr}`);
      process.exit(1);
    }
  }
  console.log(`✓ ${cases.length} deliberate accesses past the end are reported`);
}

/** Node with the sanitizer's runtime, in which the sanitized library takes the place of set-up's. */
function underNode(name: string, ...args: string[]): string {
  const preload = path.join(folder, 'preload.cjs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    preload,
    `const { dlopen } = process;
process.dlopen = (module, file, ...rest) =>
  dlopen(module, file.endsWith('stillwatt.node') ? ${JSON.stringify(library)} : file, ...rest);
`,
  );
  // Sanitized libraries leave the runtime to the program; rustc's is static, GCC's is the same one to load.
  const runtime = run("place of the sanitizer's runtime", 'gcc', '-print-file-name=libasan.so');
  const preloads = [`LD_PRELOAD=${runtime.trim()}`, `NODE_OPTIONS=--require="${preload}"`];
  return run(name, 'env', ...sanitized, ...preloads, process.execPath, ...args);
}

proveThatItSees();
const loader = [path.join(examples, 'fuzz_loader'), '--seconds', seconds, '--seed', '1'];
console.log(run('fuzzed loader', 'env', ...sanitized, ...loader).trim());

const load = "import { loadBinding } from './workers/native/lib/load.ts'; loadBinding();";
const maps = "import fs from 'node:fs'; console.log(fs.readFileSync('/proc/self/maps', 'utf8'));";
const loaded = underNode('node', '--input-type=module', '--eval', `${load}${maps}`);
if (!loaded.includes(library)) throw new Error(`${library} was not loaded`);
console.log(underNode('tests of the library', ...vitest, '--project', 'unit', 'workers/native'));
const fuzzer = 'workers/native/fuzz/binding.ts';
const fuzzed = underNode('fuzzed library', fuzzer, '--seconds', seconds, '--seed', '1');
const { calls, refused } = JSON.parse(fuzzed) as { calls: number; refused: number };
console.log(`${calls} calls, ${refused} refused, no crash`);

// encoder_allocation counts what is allocated, which the sanitizer's own pace disturbs
const suites = ['--package', 'stillwatt-kernels', '--lib', '--test', 'encoder'];
const tests = cargo('kernels', 'test', ...suites);
console.log(tests.match(/^test result: .*$/gm)?.join('\n'));
