// Doctor: every prerequisite, part, port and service, with its state and its fix.
import { createConnection } from 'node:net';
import path from 'node:path';
import { root } from './env.mjs';
import { readIfThere } from './files.mjs';

import { checkPrerequisites } from './prerequisites.mjs';
import { isAlive } from './processes.mjs';
import { steps } from './steps.mjs';

/**
 * `state` is one word a script can test; `detail` is for people.
 * @typedef {{ kind: 'prerequisite' | 'part' | 'service' | 'port', name: string, state: string, ok: boolean, detail: string, fix: string }} Finding
 */

/** @param {import('./env.mjs').SetupEnv} env @param {{ json: boolean, dir: string }} options @returns {Promise<number>} exit code */
export async function doctor(env, { json, dir }) {
  const findings = [...(await prerequisites(env)), ...(await parts(env)), ...(await services(dir))];
  const ok = findings.every((finding) => finding.ok);
  process.stdout.write(
    json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : describe(findings),
  );
  return ok ? 0 : 1;
}

/** @param {import('./env.mjs').SetupEnv} env @returns {Promise<Finding[]>} */
async function prerequisites(env) {
  return (await checkPrerequisites(env)).map(({ name, state, found, fix }) => {
    return { kind: 'prerequisite', name, state, ok: state === 'ok', detail: found, fix };
  });
}

/** @param {import('./env.mjs').SetupEnv} env @returns {Promise<Finding[]>} */
async function parts(env) {
  /** @type {Finding[]} */
  const found = [];
  for (const step of steps) {
    const why = await step.missing(env);
    const onlyTests = !step.purposes.includes('demo');
    const fix = onlyTests ? 'npm run setup -- --for test' : 'npm run setup';
    found.push({
      kind: 'part',
      name: step.title,
      state: why === null ? 'ready' : onlyTests ? 'absent, for tests only' : 'missing',
      ok: why === null || onlyTests,
      detail: why ?? '',
      fix: why === null ? '' : fix,
    });
  }
  return found;
}

/**
 * The running stack, from the state file that the supervisor keeps.
 * @param {string} dir @returns {Promise<Finding[]>}
 */
async function services(dir) {
  const text = readIfThere(path.join(dir, 'stack.json'));
  const where = path.relative(root, dir) || '.';
  if (text === null) {
    const detail = `no stack in ${where}`;
    return [
      {
        kind: 'service',
        name: 'stack',
        state: 'not started',
        ok: true,
        detail,
        fix: 'npm run demo',
      },
    ];
  }
  /** @type {{ supervisor: { pid: number, identity: string }, parts: Record<string, { pid: number | null, identity: string | null, state: string, restarts: number, log: string, ports: Record<string, number> }> }} */
  const state = JSON.parse(text);
  const supervised = isAlive(state.supervisor.pid, state.supervisor.identity);
  /** @type {Finding[]} */
  const findings = [
    {
      kind: 'service',
      name: 'supervisor',
      state: supervised ? 'running' : 'stopped',
      ok: true,
      detail: supervised ? `process ${state.supervisor.pid}` : `last stack of ${where}`,
      fix: supervised ? '' : 'npm run demo',
    },
  ];
  for (const [name, part] of Object.entries(state.parts)) {
    const alive = part.pid !== null && isAlive(part.pid, part.identity ?? '');
    const fix = supervised ? `see ${part.log}` : '';
    findings.push({
      kind: 'service',
      name,
      state: alive ? part.state : supervised ? 'down' : 'stopped',
      ok: alive || !supervised,
      detail: alive ? `process ${part.pid}, ${part.restarts} restarts` : `log ${part.log}`,
      fix: alive ? '' : fix,
    });
    for (const [port, number] of Object.entries(part.ports)) {
      findings.push(await checkPort(`${name} ${port}`, number, alive, fix));
    }
  }
  return findings;
}

/** @param {string} name @param {number} port @param {boolean} expected @param {string} fix @returns {Promise<Finding>} */
async function checkPort(name, port, expected, fix) {
  const open = await answers(port);
  const state = open
    ? expected
      ? 'listening'
      : 'taken by another program'
    : expected
      ? 'closed'
      : 'free';
  // a taken port is no fault while our part is down: the next start takes another
  return {
    kind: 'port',
    name,
    state,
    ok: !expected || open,
    detail: `127.0.0.1:${port}`,
    fix: expected && !open ? fix : '',
  };
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 1000 });
    /** @param {boolean} open */
    const end = (open) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

/** @param {Finding[]} findings */
export function describe(findings) {
  const width = Math.max(...findings.map(({ name }) => name.length));
  let heading = '';
  let text = '';
  for (const { kind, name, state, ok, detail, fix } of findings) {
    if (kind !== heading && !(kind === 'port' && heading === 'service')) {
      const title = { prerequisite: 'Prerequisites', part: 'Parts', service: 'Services', port: '' };
      if (!(kind === 'service' && heading === 'port'))
        text += `${text ? '\n' : ''}${title[kind]}\n`;
    }
    heading = kind;
    const label = kind === 'prerequisite' && ok ? detail : `${state}${detail ? `: ${detail}` : ''}`;
    text += `  ${ok ? '✓' : '✗'} ${name.padEnd(width)}  ${label}\n`;
    if (fix) text += `    ${' '.repeat(width)}  → ${fix}\n`;
  }
  return text;
}
