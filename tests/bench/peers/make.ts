// `npm run bench:peers`: the rivals' Python environment, pinned by version and SHA-256, and the prototype of
// the int8 core. The product needs none of it.
// PyPI's PyTorch for Linux comes with NVIDIA's libraries, without which it does not load: 6 GB on the disk.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildFolder,
  missingPeer,
  peersFolder,
  peersPython,
  peersStamp,
  requirements,
  root,
  systemPython,
} from '../env.ts';

console.log('Building the prototype.');
const manifest = join(root, 'workers/native/kernels/Cargo.toml');
const example = ['--release', '--locked', '--example', 'int8_cores', '--manifest-path', manifest];
run('cargo', ['build', ...example, '--target-dir', buildFolder], 'have Rust 1.89 or later.');
if (missingPeer('python') !== null) {
  console.log('Making the rivals’ Python environment: 3 GB to download, 6 GB on the disk.');
  rmSync(peersFolder, { recursive: true, force: true }); // what an interrupted run left
  run(systemPython, ['-m', 'venv', peersFolder]);
  const pins = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '-r', requirements];
  run(peersPython, ['-m', 'pip', 'install', '--no-cache-dir', ...pins]);
  run(peersPython, ['-c', 'import torch, tokenizers']);
  writeFileSync(peersStamp, '');
}
console.log(`The rivals are ready: ${peersFolder}`);

function run(
  command: string,
  args: string[],
  fix = 'have Python 3.11 to 3.13 with venv, and 6 GB free; PYTHON names another one.',
): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) return;
  const why = error?.message ?? `it ended with code ${status}`;
  console.error(`✗ ${command} ${args.slice(0, 3).join(' ')}: ${why}`);
  console.error(`  what to do: ${fix}`);
  process.exit(1);
}
