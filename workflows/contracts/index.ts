// The vocabulary of Stillwatt: schemas, types, names, error codes, metric names.
export * from './activities.ts';
export * from './api.ts';
export * from './artifact.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './names.ts';
export * from './spec.ts';
export * from './spec-check.ts';
export * from './stages.ts';
export * from './states.ts';
export * from './telemetry.ts';
export * from './variables.ts';
export * from './workflows.ts';
