// Executors: where stage processes run.
export type { Executor, Exit, ExitReason, Handle, StartRequest } from './base.ts';
