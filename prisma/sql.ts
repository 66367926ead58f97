// SQL written by hand: a template whose values become parameters and whose fragments nest.
import type pg from 'pg';

/** A piece of SQL with its values. */
export class Fragment {
  readonly texts: readonly string[];
  readonly values: readonly unknown[];

  constructor(texts: readonly string[], values: readonly unknown[]) {
    this.texts = texts;
    this.values = values;
  }
}

/** sql`SELECT … WHERE id = ${id} AND ${condition}`: a value becomes a parameter, a fragment is spliced in. */
export function sql(texts: TemplateStringsArray, ...values: unknown[]): Fragment {
  return new Fragment(texts, values);
}

export const nothing = sql``;

/** Text that goes into the statement as it is: never from outside the code. */
export function verbatim(text: string): Fragment {
  return new Fragment([text], []);
}

export function joined(parts: readonly Fragment[], separator: string): Fragment {
  const texts = ['', ...parts.slice(1).map(() => separator), ''];
  return parts.length === 0 ? nothing : new Fragment(texts, parts);
}

/** A value as a jsonb parameter; without the characters PostgreSQL cannot hold. */
export function json(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? cleanText(part) : part,
  );
}

/** PostgreSQL's text holds no NUL and no half of a surrogate pair: a replacement character stands for them. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** Text with $1, $2, … and the values for them. */
export function render(fragment: Fragment): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const text = renderInto(fragment, values);
  return { text, values };
}

function renderInto(fragment: Fragment, values: unknown[]): string {
  return fragment.texts.reduce((text, next, index) => {
    const value = fragment.values[index - 1];
    if (value instanceof Fragment) return text + renderInto(value, values) + next;
    values.push(value === undefined ? null : value);
    return `${text}$${values.length}${next}`;
  });
}

export interface Sql {
  many<Row>(query: Fragment): Promise<Row[]>;
  /** The first row, or null. */
  one<Row>(query: Fragment): Promise<Row | null>;
  /** How many rows it changed; of a WITH query those of its last part. */
  run(query: Fragment): Promise<number>;
}

export interface TransactionalSql extends Sql {
  transaction<T>(work: (inside: Sql) => Promise<T>): Promise<T>;
}

export function createSql(pool: pg.Pool): TransactionalSql {
  return {
    ...over((query) => pool.query(query)),
    async transaction(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await work(over((query) => client.query(query)));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        // a connection that cannot roll back is thrown away
        await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
        throw error;
      } finally {
        client.release(broken);
      }
    },
  };
}

function over(send: (query: { text: string; values: unknown[] }) => Promise<pg.QueryResult>): Sql {
  return {
    many: async <Row>(query: Fragment) => (await send(render(query))).rows as Row[],
    one: async <Row>(query: Fragment) =>
      ((await send(render(query))).rows[0] ?? null) as Row | null,
    run: async (query) => (await send(render(query))).rowCount ?? 0,
  };
}
