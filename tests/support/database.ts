// A migrated database with a project in it, and the things tests put there.
import {
  type IdNoun,
  makeId,
  planStages,
  type RunInput,
  type RunSpec,
  runSpecSchema,
  type StageResult,
} from '@stillwatt/contracts';
import { createDatabase, type Database } from '@stillwatt/db';
import { migrate } from '@stillwatt/db/migrate';
import { startPostgres, type TestPostgres } from './postgres.ts';

export interface TestDatabase {
  server: TestPostgres;
  url: string;
  db: Database;
  projectId: string;
  stop(): Promise<void>;
}

let ids = 0;

/** A new id: the same ones in the same order in every run of a test. */
export function newId(noun: IdNoun): string {
  ids += 1;
  const digits = ids.toString(32).padStart(12, '0');
  return makeId(
    noun,
    Uint8Array.from(digits, (digit) => parseInt(digit, 32)),
  );
}

export async function startDatabase(options: { durable?: boolean } = {}): Promise<TestDatabase> {
  const server = await startPostgres(options);
  const url = await server.createDatabase();
  await migrate({ url });
  const db = createDatabase({ url });
  return {
    ...{ server, url, db, projectId: await makeProject(db) },
    async stop() {
      await db.close();
      await server.stop();
    },
  };
}

export async function makeProject(db: Database, ownerId: string | null = null): Promise<string> {
  const organizationId = newId('organization');
  const id = newId('project');
  await db.projects.createOrganization({ id: organizationId, name: 'Organization', ownerId });
  await db.projects.create({ id, organizationId, name: 'Project', ownerId });
  return id;
}

export function makeSpec(experiment = 'demo', seed = 1): RunSpec {
  return runSpecSchema.parse({ experiment, seed, student: { attention: 'dot' } });
}

/** Inserts a run with its ten stages; answers with its input. */
export async function makeRun(
  db: Database,
  input: Partial<RunInput> & { projectId: string },
): Promise<RunInput> {
  const run: RunInput = {
    ...{ requestedBy: null, runId: newId('run'), sweepId: null, cell: {}, spec: makeSpec() },
    ...input,
  };
  await db.runs.insert(run, planStages(run.spec));
  return run;
}

export function makeResult(path: string, summary: StageResult['summary'] = {}): StageResult {
  return {
    ...{ path, key: 'key', wallSeconds: 12, cpuSeconds: 20, peakRssBytes: 5e9 },
    output: { digest: `sha256:${'a'.repeat(64)}`, kind: 'model', sizeBytes: 1000 },
    summary,
    provenance: {
      ...{ node: 'v22', tensorflow: '2.9', engine: '1', kernels: 'tfjs', threads: 2 },
      ...{ cpu: 'a cpu', host: 'a host' },
    },
  };
}
