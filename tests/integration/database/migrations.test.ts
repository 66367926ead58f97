// Migrations on a real PostgreSQL: applied once, by several at a time, and equal to schema.prisma.
import {
  attemptStates,
  modelRoles,
  roles,
  runStates,
  stageKinds,
  stageStates,
  sweepStates,
} from '@stillwatt/contracts';
import { migrate } from '@stillwatt/db/migrate';
import { schemaDifference } from '@stillwatt/db/schema-engine';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

describe('migrate', () => {
  it('applies everything once, though four begin together', async () => {
    const url = await server.createDatabase();
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate({ url })));
    const books = await query(
      url,
      'SELECT migration_name, finished_at, applied_steps_count FROM _prisma_migrations ORDER BY 1',
    );
    expect(applied.flat().sort()).toEqual(books.map((row) => row['migration_name']));
    for (const row of books) expect(row['finished_at']).not.toBeNull();
    expect(await migrate({ url })).toEqual([]);
  });

  it('refuses a database that other files made', async () => {
    const url = await server.createDatabase();
    await migrate({ url });
    await query(url, `UPDATE _prisma_migrations SET checksum = 'other'`);
    await expect(migrate({ url })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('leaves nothing of a migration that fails', async () => {
    const url = await server.createDatabase();
    await query(url, 'CREATE TABLE run (id text)');
    await expect(migrate({ url })).rejects.toMatchObject({ code: 'INTERNAL' });
    const tables = await query(
      url,
      `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables).toEqual([{ n: 2 }]); // run and the books
    await query(url, 'DROP TABLE run');
    expect(await migrate({ url })).not.toEqual([]);
  });

  it('says that nobody answers', async () => {
    const url = 'postgresql://stillwatt@127.0.0.1:1/none';
    const refusal = { code: 'STORAGE_UNAVAILABLE', retryable: true };
    await expect(migrate({ url })).rejects.toMatchObject(refusal);
  });
});

describe('schema.prisma', () => {
  it('equals what the migrations make', async () => {
    const url = await server.createDatabase();
    expect(await schemaDifference(url)).toContain('CREATE TABLE "run"');
    await migrate({ url });
    expect(await schemaDifference(url)).toBeNull();
    await query(url, 'ALTER TABLE run DROP COLUMN seed');
    expect(await schemaDifference(url)).toMatch(/ALTER TABLE "run" ADD COLUMN\s+"seed"/);
  });

  it('has the words of the contracts, in their order', async () => {
    const url = await server.createDatabase();
    await migrate({ url });
    const words = { run_state: runStates, stage_state: stageStates, attempt_state: attemptStates };
    const more = {
      sweep_state: sweepStates,
      stage_kind: stageKinds,
      model_role: modelRoles,
      role: roles,
    };
    for (const [type, values] of Object.entries({ ...words, ...more })) {
      const rows = await query(url, `SELECT unnest(enum_range(NULL::${type}))::text AS word`);
      expect(rows.map((row) => row['word'])).toEqual([...values]);
    }
  });
});
