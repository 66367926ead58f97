// The folder of one embedded stack: what lies where.
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';

export interface Layout {
  home: string;
  logs: string;
  artifacts: string;
  /** One data folder per major version of PostgreSQL. */
  postgresData: string;
  temporalData: string;
  state: string;
  secrets: string;
  lock: string;
}

export function layoutOf(dir: string): Layout {
  const home = path.resolve(dir);
  return {
    home,
    logs: path.join(home, 'logs'),
    artifacts: path.join(home, 'artifacts'),
    postgresData: path.join(home, 'postgres-18'),
    temporalData: path.join(home, 'temporal/temporal.sqlite'),
    state: path.join(home, 'stack.json'),
    secrets: path.join(home, 'secrets.json'),
    lock: path.join(home, 'supervisor.lock'),
  };
}

export function makeFolders(layout: Layout): void {
  mkdirSync(layout.home, { recursive: true });
  // Passable for the user PostgreSQL runs as when we are root; what lies inside is ours alone.
  chmodSync(layout.home, 0o711);
  for (const folder of [layout.logs, layout.artifacts, path.dirname(layout.temporalData)]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}
