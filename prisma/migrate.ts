// Applies the committed migrations, with Prisma's own bookkeeping.
//
// Our own applier, because Prisma's needs a native binary that is a download, and its WebAssembly engine
// sends a migration statement by statement (cut at every semicolon, function bodies too) without a transaction.
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { StillwattError } from '@stillwatt/contracts';
import pg from 'pg';
import { translateError } from './errors.ts';

const folder = new URL('./migrations/', import.meta.url);

/** The advisory lock that Prisma's tools take, too. */
const lockKey = 72707369;

const bookkeeping = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of the file, hex, as Prisma writes it. */
  checksum: string;
}

interface AppliedRow {
  name: string;
  checksum: string;
  finished: boolean;
}

/**
 * Applies the migrations that the database lacks, each in a transaction; answers with their names.
 * Several processes may call it at once. Throws CONFLICT if the database was migrated by other files.
 */
export async function migrate(options: { url: string }): Promise<string[]> {
  const client = new pg.Client({ connectionString: options.url });
  client.on('error', () => {}); // the query in flight rejects with the cause
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
    await client.query(bookkeeping);
    const pending = pendingMigrations(readMigrations(), await readApplied(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.name);
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end(); // releases the lock
  }
}

/** What is still to be applied, in order. */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedRow[],
): Migration[] {
  for (const row of applied) {
    const migration = known.find(({ name }) => name === row.name);
    if (!migration) {
      throw conflict(`migration ${row.name} of the database is not in this version`);
    }
    if (migration.checksum !== row.checksum) {
      throw conflict(`migration ${row.name} was changed after it had been applied`);
    }
    if (!row.finished) throw conflict(`migration ${row.name} was left half done by another tool`);
  }
  const done = new Set(applied.map((row) => row.name));
  return known.filter(({ name }) => !done.has(name));
}

/** The committed migrations in the order of their names, which start with a date. */
export function readMigrations(): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(`${name}/migration.sql`, folder), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

async function readApplied(client: pg.Client): Promise<AppliedRow[]> {
  const { rows } = await client.query<AppliedRow>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}); // the first error says more
    throw error;
  }
}

function conflict(message: string): StillwattError {
  return new StillwattError('CONFLICT', message, {
    fix: 'run the version of Stillwatt that made this database, or start with an empty one',
  });
}
