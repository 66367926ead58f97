// Schedules: rows say what, Temporal says when.
import { randomBytes } from 'node:crypto';
import { makeId } from '@stillwatt/contracts';
import { checkSweep } from '@stillwatt/search';
import { personId } from '../context.ts';
import { procedure, router } from '../trpc.ts';
import { acceptedSpec } from './specs.ts';

export const schedulesRouter = router({
  list: procedure('schedules.list', async ({ services, granted }) => {
    const rows = await services.db.schedules.list(granted.projectId);
    const { schedules } = services.temporal;
    const items = await Promise.all(
      rows.map(async (row) => ({ ...row, ...(await schedules.firings(row)) })),
    );
    return { items };
  }),

  create: procedure('schedules.create', async ({ services, ctx, input, granted }) => {
    const { name, cron, timeZone, overlap } = input;
    const spec = acceptedSpec(input.spec);
    checkSweep(spec);
    const id = makeId('schedule', randomBytes(12));
    const { projectId } = granted;
    const { schedules } = services.temporal;
    // Temporal first: it refuses a wrong cron line before there is a row.
    await schedules.create({ input: { projectId, scheduleId: id, spec }, cron, timeZone, overlap });
    const row = { id, projectId, name, cron, timeZone, overlap, paused: false, spec };
    try {
      await services.db.schedules.insert({ ...row, createdBy: personId(ctx.caller) });
    } catch (error) {
      await schedules.remove(id);
      throw error;
    }
    return { ...row, ...(await schedules.firings(row)) };
  }),

  pause: procedure('schedules.pause', async ({ services, input }) => {
    await services.temporal.schedules.setPaused(input.scheduleId, input.paused);
    await services.db.schedules.setPaused(input.scheduleId, input.paused);
    return { ok: true as const };
  }),

  trigger: procedure('schedules.trigger', async ({ services, input }) => {
    await services.temporal.schedules.trigger(input.scheduleId);
    return { ok: true as const };
  }),

  remove: procedure('schedules.remove', async ({ services, input }) => {
    await services.temporal.schedules.remove(input.scheduleId);
    await services.db.schedules.remove(input.scheduleId);
    return { ok: true as const };
  }),
});
