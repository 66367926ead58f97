// Set-up's judgement: versions, lock files, archives, locks. Its steps are tried by a fresh clone.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describe as describeFindings } from './doctor.mjs';
import { readEnv, root, withoutOwnBin } from './env.mjs';
import { fetchFromPypi, unpack } from './fetch.mjs';
import { hashOfSources } from './files.mjs';
import { tryLock, unlock, withLock } from './lock.mjs';
import { snippets } from './pins.mjs';
import { isAtLeast, judge, platform } from './prerequisites.mjs';
import { identityOf, isAlive } from './processes.mjs';
import { progressText } from './progress.mjs';
import { stepsFor } from './steps.mjs';
import { chromiumMajor } from './steps/chromium.mjs';
import { lockDifference } from './steps/npm-packages.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sw-setup-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('versions', () => {
  it.each([
    ['v20.20.2', '20.0.0', true],
    ['Python 3.8.19', '3.9.0', false],
    ['Python 3.11.7', '3.9.0', true],
    ['cargo 1.88.9 (abc 2025-06-01)', '1.89.0', false],
    ['cargo 1.89.0', '1.89.0', true],
    ['cargo 2.0', '1.89.0', true],
    ['no number', '1.0.0', false],
  ])('%s is at least %s: %s', (found, least, expected) => {
    expect(isAtLeast(found, least)).toBe(expected);
  });

  it('tells missing from too old, and how to fix both', () => {
    expect(judge('Rust', null, '1.89.0', 'rustup')).toMatchObject({
      state: 'missing',
      fix: 'rustup',
    });
    expect(judge('Rust', 'cargo 1.70.0', '1.89.0', 'rustup')).toMatchObject({ state: 'too old' });
    expect(judge('Rust', 'cargo 1.90.0', '1.89.0', 'rustup')).toMatchObject({
      state: 'ok',
      fix: '',
    });
  });

  it('refuses other platforms and CPUs without AVX', () => {
    expect(platform('linux', 'x64', 'flags: sse2 avx avx2').state).toBe('ok');
    expect(platform('linux', 'x64', 'flags: sse2 avx512f').state).toBe('missing');
    expect(platform('darwin', 'arm64', '').state).toBe('missing');
  });

  it('reads the version of Chromium', () => {
    expect(chromiumMajor('Chromium 150.0.7000.1 built on Debian')).toBe(150);
    expect(chromiumMajor('Google Chrome 149.0.1.2 ')).toBe(149);
    expect(chromiumMajor('Firefox 130.0')).toBeNull();
  });
});

describe('npm packages', () => {
  const entry = (version: string) => ({ version, integrity: `sha512-${version}` });
  const wanted = { packages: { '': {}, 'workers/a': {}, 'node_modules/a': entry('1.0.0') } };

  it('accepts the tree the lock file asks for', () => {
    expect(lockDifference(wanted, { packages: { 'node_modules/a': entry('1.0.0') } })).toBeNull();
  });

  it.each([
    ['another version', { 'node_modules/a': entry('1.0.1') }, 'node_modules/a is 1.0.1'],
    ['a missing package', {}, 'node_modules/a is not installed'],
    [
      'a package too many',
      { 'node_modules/a': entry('1.0.0'), 'node_modules/b': entry('2.0.0') },
      'node_modules/b is installed',
    ],
  ])('names %s', (_, packages, text) => {
    expect(lockDifference(wanted, { packages })).toContain(text);
  });

  it('does not miss an optional package of another platform', () => {
    const optional = { ...entry('1.0.0'), optional: true };
    expect(
      lockDifference({ packages: { 'node_modules/a': optional } }, { packages: {} }),
    ).toBeNull();
  });
});

describe('archives', () => {
  const context = () => ({
    env: {
      ...readEnv(process.env),
      cache: folder,
      inherited: { ...process.env, PATH: process.env['PATH'] ?? '' },
    },
    progress: { show: () => undefined, note: () => undefined },
    log: path.join(folder, 'log'),
  });

  function makeZip(names: string[]): string {
    const file = path.join(folder, 'a.zip');
    const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for name in sys.argv[2:]: z.writestr(name, 'content of ' + name)`;
    execFileSync('python3', ['-c', script, file, ...names]);
    return file;
  }

  it('takes what the rules name, executable where they say so, and drops the archive', async () => {
    const archive = makeZip(['pkg/bin/tool', 'pkg/readme']);
    const to = path.join(folder, 'part');
    const rules = [{ match: 'pkg/bin/(.*)', to: String.raw`\1`, executable: true }];
    await unpack(context(), archive, to, { rules });
    expect(readFileSync(path.join(to, 'tool'), 'utf8')).toBe('content of pkg/bin/tool');
    expect(statSync(path.join(to, 'tool')).mode & 0o111).toBe(0o111);
    expect(existsSync(path.join(to, 'readme'))).toBe(false);
    expect(existsSync(archive)).toBe(false);
  });

  it.each([
    ['leaves the folder', ['../../escaped'], [{ match: '.*', to: String.raw`\g<0>` }], /leave/],
    ['lacks a file', ['other'], [{ match: 'wanted', to: 'wanted' }], /nothing that matches/],
  ])('refuses an archive that %s, and leaves nothing behind', async (_, names, rules, message) => {
    const to = path.join(folder, 'part');
    await expect(unpack(context(), makeZip(names), to, { rules })).rejects.toThrow(message);
    expect(existsSync(to)).toBe(false);
  });

  it('does not keep a download whose hash is another', async () => {
    // a pip that gives a wrong file without complaint
    const fakePython = path.join(folder, 'python');
    writeFileSync(
      fakePython,
      '#!/bin/sh\nwhile [ "$1" != --dest ]; do shift; done\necho wrong > "$2/vaderSentiment-0.5.zip"\n',
      { mode: 0o755 },
    );
    const { env, ...rest } = context();
    const faked = { ...rest, env: { ...env, python: fakePython } };
    await expect(fetchFromPypi(faked, snippets)).rejects.toThrow(/should have SHA-256/);
    expect(existsSync(path.join(folder, 'downloads', snippets.file))).toBe(false);
  });
});

describe('lock', () => {
  it('is taken from a dead process and refused by a living one', () => {
    const file = path.join(folder, 'lock');
    writeFileSync(file, `${process.pid} some-earlier-life`);
    expect(tryLock(file)).toBeNull();
    expect(tryLock(file)).toBe(process.pid);
    unlock(file);
    expect(existsSync(file)).toBe(false);
  });

  it('is let go when the work fails', async () => {
    const file = path.join(folder, 'lock');
    const work = () => Promise.reject(new Error('no'));
    await expect(withLock(file, () => undefined, work)).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });

  it('knows a process by more than its number', () => {
    expect(isAlive(process.pid, identityOf(process.pid))).toBe(true);
    expect(isAlive(process.pid, 'boot:1')).toBe(false);
    expect(isAlive(2 ** 30, identityOf(2 ** 30))).toBe(false);
  });
});

describe('small things', () => {
  it('hashes names and contents of sources, and not what is made of them', () => {
    const file = path.join(folder, 'a.ts');
    writeFileSync(file, 'one');
    const first = hashOfSources(folder, ['.']);
    for (const made of ['next-env.d.ts', 'a.test.ts', 'x.tsbuildinfo']) {
      writeFileSync(path.join(folder, made), 'made');
    }
    expect(hashOfSources(folder, ['.'])).toBe(first);
    writeFileSync(file, 'two');
    expect(hashOfSources(folder, ['.'])).not.toBe(first);
  });

  it('takes its own node_modules out of PATH', () => {
    const own = path.join(root, 'node_modules/.bin');
    expect(withoutOwnBin(`${own}:/usr/bin:${root}/elsewhere`)).toBe(`/usr/bin:${root}/elsewhere`);
  });

  it('says how far a download is and how long it takes', () => {
    expect(progressText(50, 200, 'MB', 10)).toBe(
      '█████░░░░░░░░░░░░░░░ 50/200 MB  10 MB/s  15 s left',
    );
    expect(progressText(0, 200, 'MB', 0)).toBe('░░░░░░░░░░░░░░░░░░░░ 0/200 MB');
  });

  it('leaves browser and test server to the tests', () => {
    const names = (purpose: 'demo' | 'test') => stepsFor(purpose).map(({ name }) => name);
    expect(names('demo')).not.toContain('chromium');
    expect(names('test')).toEqual(expect.arrayContaining([...names('demo'), 'chromium']));
  });

  it('describes findings with their fix', () => {
    const text = describeFindings([
      {
        kind: 'part',
        name: 'Temporal',
        state: 'missing',
        ok: false,
        detail: 'gone',
        fix: 'npm run setup',
      },
    ]);
    expect(text).toContain('✗ Temporal  missing: gone');
    expect(text).toContain('→ npm run setup');
  });
});
