// The database: one repository per noun, behind one connection pool.
export { createDatabase, type Database, type DatabaseOptions } from './database.ts';
export { translateError } from './errors.ts';
export type * from './types.ts';
