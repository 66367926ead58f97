// Prisma's schema engine as WebAssembly over our own connection: compares schemas without its native binary, which is a download.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** Type numbers of PostgreSQL. */
const charOid = 18;
const textOid = 25;

const schemaFile = new URL('./schema.prisma', import.meta.url);
const filters = { externalTables: [], externalEnums: [] };

/** What we use of it; the type library for the web, which declares it, is not ours. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start?: () => void } } }>;
};

/**
 * SQL that leads from the tables of a database to schema.prisma; null if they are equal already.
 * Triggers, functions and extensions are not compared.
 */
export async function schemaDifference(url: string): Promise<string | null> {
  await loadEngine();
  const pool = new CharacterPool({ connectionString: url, max: 1 });
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(factoryOver(pool));
    const instance = await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, factory);
    const schema = { path: 'schema.prisma', content: readFileSync(schemaFile, 'utf8') };
    const result = await instance.diff({
      from: { tag: 'schemaDatasource', files: [schema], configDir: '.' }, // its database: our connection
      to: { tag: 'schemaDatamodel', files: [schema] },
      script: true,
      exitCode: true,
      filters,
    });
    return result.exitCode === 0 ? null : result.stdout;
  } finally {
    await pool.end();
  }
}

let loading: Promise<void> | undefined;

/** Once per process: instances of the engine belong to the module they were made with. */
function loadEngine(): Promise<void> {
  return (loading ??= load());
}

async function load(): Promise<void> {
  const script = createRequire(import.meta.url).resolve(
    '@prisma/schema-engine-wasm/schema_engine_bg',
  );
  const bytes = readFileSync(script.replace(/\.js$/, '.wasm'));
  const imports = { './schema_engine_bg.js': { ...engine } };
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
}

/** The adapter has no mapping of PostgreSQL's type `"char"`, which the introspection asks for: text here, a character there. */
function factoryOver(pool: CharacterPool): PrismaPg {
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      for (const column of pool.characterColumns) {
        result.columnTypes[column] = ColumnTypeEnum.Character;
      }
      return result;
    };
    return adapter;
  };
  return factory;
}

class CharacterPool extends pg.Pool {
  /** Columns of type `"char"` in the last result; the engine sends one query at a time. */
  characterColumns: number[] = [];

  override async query(...args: unknown[]): Promise<never> {
    const query = super.query as (...all: unknown[]) => Promise<pg.QueryResult>;
    const result = await query.apply(this, args);
    this.characterColumns = [];
    for (const [column, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== charOid) continue;
      field.dataTypeID = textOid;
      this.characterColumns.push(column);
    }
    return result as never;
  }
}
