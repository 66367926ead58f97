// Schedules in Temporal: cron, time zone and overlap policy; what they start makes its own ids.
import {
  type ScheduledInput,
  type ScheduleView,
  StillwattError,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { firingId } from '@stillwatt/search';
import { type Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { call, isNotFound } from './call.ts';

const overlaps = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer-one': ScheduleOverlapPolicy.BUFFER_ONE,
  'cancel-other': ScheduleOverlapPolicy.CANCEL_OTHER,
  'allow-all': ScheduleOverlapPolicy.ALLOW_ALL,
} as const satisfies Record<ScheduleView['overlap'], ScheduleOverlapPolicy>;

export interface NewSchedule {
  input: ScheduledInput;
  cron: string;
  timeZone: string;
  overlap: ScheduleView['overlap'];
}

export type Firings = Pick<ScheduleView, 'nextRuns' | 'recentRuns'>;

export interface Schedules {
  /** @throws StillwattError INPUT_INVALID for a cron line or time zone that Temporal refuses. */
  create(schedule: NewSchedule): Promise<void>;
  /** Empty lists if Temporal does not know it. */
  firings(schedule: Pick<ScheduleView, 'id' | 'spec'>): Promise<Firings>;
  setPaused(scheduleId: string, paused: boolean): Promise<void>;
  trigger(scheduleId: string): Promise<void>;
  remove(scheduleId: string): Promise<void>;
}

export function createSchedules(client: Client): Schedules {
  const handle = (id: string) => client.schedule.getHandle(id);
  return {
    async create({ input, cron, timeZone, overlap }) {
      checkTimeZone(timeZone);
      try {
        await call(client, () =>
          client.schedule.create({
            scheduleId: input.scheduleId,
            spec: { cronExpressions: [cron], timezone: timeZone },
            action: {
              type: 'startWorkflow',
              workflowType: workflowNames.scheduled,
              workflowId: input.scheduleId,
              taskQueue,
              args: [input],
            },
            // After an outage the last missed firing counts, not a week of them.
            policies: { overlap: overlaps[overlap], catchupWindow: '10 minutes' },
          }),
        );
      } catch (error) {
        // The SDK makes a TypeError of what the server calls an invalid argument.
        const refused = error instanceof StillwattError && error.cause;
        if (!(refused instanceof TypeError)) throw error;
        throw new StillwattError('INPUT_INVALID', `not a cron line: ${refused.message}`, {
          fix: 'five fields: minute hour day month weekday, for example 0 2 * * 1-5',
          path: 'cron',
          cause: error,
        });
      }
    },
    async firings({ id, spec }) {
      try {
        const { info } = await call(client, () => handle(id).describe());
        return {
          nextRuns: info.nextActionTimes.slice(0, 5).map((time) => time.toISOString()),
          recentRuns: info.recentActions.slice(-10).map((recent) => ({
            at: recent.takenAt.toISOString(),
            id: firingId(spec, id, recent.action.workflow.firstExecutionRunId),
          })),
        };
      } catch (error) {
        if (isNotFound(error)) return { nextRuns: [], recentRuns: [] };
        throw error;
      }
    },
    setPaused: (id, paused) =>
      call(client, () => (paused ? handle(id).pause() : handle(id).unpause())),
    trigger: (id) => call(client, () => handle(id).trigger()),
    async remove(id) {
      try {
        await call(client, () => handle(id).delete());
      } catch (error) {
        // Gone already, by an earlier try that did not come as far as the row.
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new StillwattError('INPUT_INVALID', `there is no time zone “${timeZone}”`, {
      fix: 'use a name such as UTC or Europe/Stockholm',
      path: 'timeZone',
      cause,
    });
  }
}
