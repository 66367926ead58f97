// Procedures on sweeps and schedules.
import { z } from 'zod';
import * as shape from '../shapes.ts';
import { list, ok, project, schedule, spec, sweep, page, type Procedure } from './common.ts';

export const sweepProcedures = {
  'sweeps.list': {
    kind: 'query',
    access: 'viewer',
    summary: 'Sweeps of a project',
    rest: { method: 'GET', path: '/projects/{projectId}/sweeps' },
    input: z.strictObject({ ...project, ...page }),
    output: list(shape.sweepRowSchema),
  },
  'sweeps.get': {
    kind: 'query',
    access: 'viewer',
    summary: 'One sweep with its runs',
    rest: { method: 'GET', path: '/sweeps/{sweepId}' },
    input: z.strictObject(sweep),
    output: shape.sweepDetailSchema,
  },
  'sweeps.pause': {
    kind: 'mutation',
    access: 'member',
    summary: 'Start no further runs',
    rest: { method: 'POST', path: '/sweeps/{sweepId}/pause' },
    input: z.strictObject(sweep),
    output: ok,
  },
  'sweeps.resume': {
    kind: 'mutation',
    access: 'member',
    summary: 'Go on starting runs',
    rest: { method: 'POST', path: '/sweeps/{sweepId}/resume' },
    input: z.strictObject(sweep),
    output: ok,
  },
  'sweeps.cancel': {
    kind: 'mutation',
    access: 'member',
    summary: 'Cancel a sweep and its runs',
    rest: { method: 'POST', path: '/sweeps/{sweepId}/cancel' },
    input: z.strictObject(sweep),
    output: ok,
  },
  'schedules.list': {
    kind: 'query',
    access: 'viewer',
    summary: 'Schedules of a project',
    rest: { method: 'GET', path: '/projects/{projectId}/schedules' },
    input: z.strictObject(project),
    output: z.strictObject({ items: z.array(shape.scheduleSchema) }),
  },
  'schedules.create': {
    kind: 'mutation',
    access: 'member',
    summary: 'Launch a spec on a schedule',
    rest: { method: 'POST', path: '/projects/{projectId}/schedules' },
    input: z.strictObject({
      ...project,
      name: z.string().min(1).max(80),
      cron: z.string().min(9).max(100),
      timeZone: z.string().max(60).default('UTC'),
      overlap: z.enum(['skip', 'buffer-one', 'cancel-other', 'allow-all']).default('skip'),
      spec,
    }),
    output: shape.scheduleSchema,
  },
  'schedules.pause': {
    kind: 'mutation',
    access: 'member',
    summary: 'Pause or unpause a schedule',
    rest: { method: 'POST', path: '/schedules/{scheduleId}/pause' },
    input: z.strictObject({ ...schedule, paused: z.boolean() }),
    output: ok,
  },
  'schedules.trigger': {
    kind: 'mutation',
    access: 'member',
    summary: 'Launch it now',
    rest: { method: 'POST', path: '/schedules/{scheduleId}/trigger' },
    input: z.strictObject(schedule),
    output: ok,
  },
  'schedules.remove': {
    kind: 'mutation',
    access: 'member',
    summary: 'Remove a schedule',
    rest: { method: 'DELETE', path: '/schedules/{scheduleId}' },
    input: z.strictObject(schedule),
    output: ok,
  },
} as const satisfies Record<string, Procedure>;
