// The embedded stack: PostgreSQL, Temporal, worker host and portal, on loopback, in one folder.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { StillwattError, variables } from '@stillwatt/contracts';
import { identityOf } from '../setup/processes.mjs';
import { type ChildEnv, readLocalEnv } from './env.ts';
import { readInstalled } from './installed.ts';
import { takeFolder } from './instance-lock.ts';
import { layoutOf, makeFolders } from './layout.ts';
import { endProcesses, processesOf, signal } from './leftovers.ts';
import { migrate } from './migrate.ts';
import { type Part, createPart } from './part.ts';
import { choosePorts, loopback } from './ports.ts';
import { type Secrets, loadSecrets } from './secrets.ts';
import { createHost, createPortal } from './services/node-parts.ts';
import { createPostgres, databaseUrl } from './services/postgres.ts';
import { createTemporal } from './services/temporal.ts';
import { type PartName, type PartView, partNames, readState, writeState } from './state.ts';

/** Tries of a part until starting the stack counts as failed. */
const tries = 3;

export interface StackOptions {
  /** Folder of the stack: databases, logs, artifacts, secrets. Made where it is missing. */
  dir: string;
  /** Which parts; all by default. `migrate` runs whenever postgres is among them. */
  parts?: readonly PartName[];
  /** A fixed port for the portal: PORT_TAKEN if it is in use. */
  portalPort?: number;
  /** Start parts again when they die (default). Tests that kill switch it off. */
  restart?: boolean;
  /** More environment for host and portal: addresses of parts that run elsewhere, slots. */
  env?: Readonly<Record<string, string>>;
  /** Told what happens, in words for people. */
  onNotice?: (text: string) => void;
}

export interface StackUrls {
  /** postgresql://… with its password: not for logs. */
  database: string;
  /** host:port */
  temporal: string;
  temporalUi: string;
  portal: string;
  hostMetrics: string;
}

export interface Stack {
  readonly dir: string;
  readonly urls: StackUrls;
  readonly secrets: Secrets;
  /** The environment of host and portal: for a test that starts one by itself. */
  readonly env: Readonly<ChildEnv>;
  parts(): Partial<Record<PartName, PartView>>;
  /** Signals the process of one part; its children live on. SIGKILL and SIGTERM: resolves when it is gone. */
  kill(part: PartName, signal: NodeJS.Signals): Promise<void>;
  /** Starts a part (again); resolves when it answers. */
  start(part: PartName): Promise<void>;
  /** Stops a part in order; the supervisor does not start it again. */
  halt(part: PartName): Promise<void>;
  restart(part: PartName): Promise<void>;
  /** Resolves when the part answers, also while the supervisor starts it again. */
  untilReady(part: PartName): Promise<void>;
  /** Stops everything in order, stages included. */
  stop(): Promise<void>;
  /** Kills everything at once, for an impatient user. Nothing that was acknowledged is lost. */
  killAll(): void;
}

/** Starts the stack of a folder; resolves when every part answers. ALREADY_RUNNING if another has it. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dir, restart = true, onNotice = () => {} } = options;
  const chosen = partNames.filter((name) => (options.parts ?? partNames).includes(name));
  const installed = readInstalled();
  const layout = layoutOf(dir);
  makeFolders(layout);
  const letGo = takeFolder(layout);
  const parts = new Map<PartName, Part>();
  const stackId = randomBytes(8).toString('hex');

  async function stopAll() {
    for (const part of [...parts.values()].reverse()) await part.stop();
    // stages live in groups of their own, so that they outlast a killed host
    await endProcesses(processesOf(stackId));
    letGo();
  }

  try {
    const before = readState(layout.state);
    if (before) await endProcesses(processesOf(before.stackId));
    const remembered: Record<string, number> = {};
    for (const { ports } of Object.values(before?.parts ?? {})) Object.assign(remembered, ports);
    const wished = options.portalPort === undefined ? {} : { http: options.portalPort };
    const ports = await choosePorts(['sql', 'grpc', 'ui', 'metrics', 'http'], remembered, wished);
    const port = (name: string) => ports[name] ?? 0;
    const secrets = loadSecrets(layout.secrets);
    const urls: StackUrls = {
      database: databaseUrl(port('sql'), secrets.postgresPassword),
      temporal: `${loopback}:${port('grpc')}`,
      temporalUi: `http://${loopback}:${port('ui')}`,
      portal: `http://${loopback}:${port('http')}`,
      hostMetrics: `http://${loopback}:${port('metrics')}/metrics`,
    };
    const base: ChildEnv = { ...readLocalEnv().inherited, [variables.stack]: stackId };
    const env: ChildEnv = {
      ...base,
      [variables.home]: layout.home,
      [variables.cache]: installed.cache,
      [variables.artifacts]: layout.artifacts,
      [variables.databaseUrl]: urls.database,
      [variables.temporalAddress]: urls.temporal,
      [variables.url]: urls.portal,
      [variables.authSecret]: secrets.authSecret,
      [variables.adminToken]: secrets.adminToken,
      ...options.env,
    };
    const logOf = (name: string) => path.join(layout.logs, `${name}.log`);
    const services = {
      postgres: () =>
        createPostgres({
          layout,
          port: port('sql'),
          password: secrets.postgresPassword,
          env: base,
          log: logOf('postgres'),
        }),
      temporal: () =>
        createTemporal({
          layout,
          binary: installed.temporal,
          ports: { grpc: port('grpc'), ui: port('ui') },
          env: base,
          log: logOf('temporal'),
        }),
      host: () => createHost({ port: port('metrics'), env, log: logOf('host') }),
      portal: () => createPortal({ port: port('http'), env, log: logOf('portal') }),
    };

    function save() {
      const { database: _withPassword, ...shown } = urls;
      writeState(layout.state, {
        version: 1,
        stackId,
        supervisor: { pid: process.pid, identity: identityOf(process.pid) },
        urls: { ...shown },
        parts: views(),
      });
    }
    const views = () =>
      Object.fromEntries([...parts].map(([name, part]) => [name, part.view()])) as Partial<
        Record<PartName, PartView>
      >;

    for (const name of chosen) {
      parts.set(name, createPart(services[name](), { restart, tries, onChange: save, onNotice }));
    }
    save();
    const started = (name: PartName) => parts.get(name)?.start() ?? Promise.resolve();
    const migrated = async () => {
      if (!chosen.includes('postgres')) return;
      await started('postgres');
      await migrate(urls.database, base, logOf('migrate'));
    };
    onNotice(`starting ${chosen.join(', ')}`);
    await Promise.all([migrated(), started('temporal')]);
    await Promise.all([started('host'), started('portal')]);

    const part = (name: PartName): Part => {
      const found = parts.get(name);
      if (found) return found;
      throw new StillwattError('INPUT_INVALID', `this stack was started without ${name}`);
    };
    return {
      dir: layout.home,
      urls,
      secrets,
      env,
      parts: views,
      kill: (name, how) => part(name).kill(how),
      start: (name) => part(name).start(),
      halt: (name) => part(name).stop(),
      restart: async (name) => {
        await part(name).stop();
        await part(name).start();
      },
      untilReady: (name) => part(name).untilReady(),
      stop: stopAll,
      killAll() {
        for (const { pid } of processesOf(stackId)) signal(pid, 'SIGKILL');
        letGo();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
