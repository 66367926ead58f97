// Limits and timings of the Temporal worker, with their reasons.
import type { WorkerOptions } from '@temporalio/worker';

export const workerTimings = {
  // After a crash the next task waits this long for the dead worker's cache.
  stickyQueueScheduleToStartTimeout: '1s',
  // A heartbeat carries the checkpoint a retry starts from: a second old at most.
  maxHeartbeatThrottleInterval: '1s',
  defaultHeartbeatThrottleInterval: '1s',
  // Stages that wait for a CPU slot hold an activity slot: there must be others left for bookkeeping.
  maxConcurrentActivityTaskExecutions: 1000,
  maxCachedWorkflows: 500,
  // On shutdown activities are told at once; the supervisor kills after 20 s.
  shutdownGraceTime: 0,
  shutdownForceTime: '15s',
} as const satisfies Partial<WorkerOptions>;
