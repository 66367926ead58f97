// Executors: where stage processes run.
export type { Executor, Exit, ExitReason, Handle, StartRequest } from './base.ts';
export {
  createLocalProcessExecutor,
  type LocalProcessExecutor,
  type LocalProcessOptions,
} from './local-process/executor.ts';
