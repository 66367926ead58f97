// The public API: shapes and procedures.
export * from './api/procedures.ts';
export * from './api/shapes.ts';
