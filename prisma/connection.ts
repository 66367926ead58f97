// The pool that SQL written by hand and Prisma's client share, and the wrapper that translates errors.
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { translateError } from './errors.ts';
import { PrismaClient } from './generated/client.ts';
import { createSql, type TransactionalSql } from './sql.ts';

export interface Connection {
  /** For plain reading and writing of rows. */
  prisma: PrismaClient;
  /** For lists, batches and writes that append a live event. Never both in one transaction. */
  sql: TransactionalSql;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  url: string;
  poolSize: number;
  onIdleError: (error: Error) => void;
}

/** A transaction left open holds the lock of the live events: the server ends it. */
const idleInTransactionMs = 30_000;
const statementTimeoutMs = 120_000;
/** For a free connection of the pool, too. */
const connectTimeoutMs = 10_000;

/** Type numbers of PostgreSQL. */
const bigintType = 20;
const timestampType = 1184;

/** Sizes and counts stay below 2^53; times are ISO strings, as in the API. */
const parsers: Record<number, (text: string) => unknown> = {
  [bigintType]: Number,
  [timestampType]: (text) => new Date(text).toISOString(),
};

function getTypeParser(type: number, format?: 'text' | 'binary'): (text: string) => unknown {
  return parsers[type] ?? (pg.types.getTypeParser(type, format) as (text: string) => unknown);
}

export function connect(options: ConnectionOptions): Connection {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: 'stillwatt',
    types: { getTypeParser },
  });
  pool.on('error', options.onIdleError); // without a listener a lost idle connection ends the process
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    sql: createSql(pool),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** The same repository, whose methods throw StillwattErrors only. */
export function translated<T extends object>(repository: T): T {
  const entries = Object.entries(repository).map(([name, method]) => [
    name,
    async (...parameters: unknown[]) => {
      try {
        return await (method as (...all: unknown[]) => Promise<unknown>)(...parameters);
      } catch (error) {
        throw translateError(error);
      }
    },
  ]);
  return Object.fromEntries(entries) as T;
}
