// `npm run bench:peers`: the rivals' Python environment, pinned by version and SHA-256. The product needs none of it.
// PyPI's PyTorch for Linux comes with NVIDIA's libraries, without which it does not load: 6 GB on the disk.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import {
  peersFolder,
  peersMissing,
  peersPython,
  peersStamp,
  requirements,
  systemPython,
} from '../env.ts';

if (peersMissing === null) {
  console.log(`The rivals are ready: ${peersFolder}`);
} else {
  console.log('Making the rivals’ Python environment: 3 GB to download, 6 GB on the disk.');
  rmSync(peersFolder, { recursive: true, force: true }); // what an interrupted run left
  run(systemPython, ['-m', 'venv', peersFolder]);
  const pins = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '-r', requirements];
  run(peersPython, ['-m', 'pip', 'install', '--no-cache-dir', ...pins]);
  run(peersPython, ['-c', 'import torch, tokenizers']);
  writeFileSync(peersStamp, '');
  console.log(`The rivals are ready: ${peersFolder}`);
}

function run(command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) return;
  const why = error?.message ?? `it ended with code ${status}`;
  console.error(`✗ ${command} ${args.slice(0, 3).join(' ')}: ${why}`);
  console.error(
    '  what to do: have Python 3.11 to 3.13 with venv, and 6 GB free; PYTHON names another one.',
  );
  process.exit(1);
}
