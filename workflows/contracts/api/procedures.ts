// Every procedure of the public API: access, input, output and REST path. The router is built from this table.
import { z } from 'zod';
import { digestSchema } from '../artifact.ts';
import { idSchema } from '../names.ts';
import { roleSchema, runStateSchema } from '../states.ts';
import * as shape from './shapes.ts';

/** Who may call: anyone, anyone signed in, or a member of the project with at least this role. */
export type Access = 'public' | 'signed-in' | 'viewer' | 'member' | 'owner';

export interface Procedure {
  kind: 'query' | 'mutation';
  access: Access;
  summary: string;
  rest: { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; path: `/${string}` };
  input: z.ZodObject;
  output: z.ZodObject;
}

const ok = z.strictObject({ ok: z.literal(true) });
const project = { projectId: idSchema('project') };
const run = { runId: idSchema('run') };
const sweep = { sweepId: idSchema('sweep') };
const schedule = { scheduleId: idSchema('schedule') };
/** An experiment as YAML text or as a decoded value; checked by checkExperiment, whose issues are the answer. */
const spec = z.union([z.string().max(200_000), z.record(z.string(), z.unknown())]);
const launched = z.strictObject({
  runId: idSchema('run').nullable(),
  sweepId: idSchema('sweep').nullable(),
  url: z.string(),
});
const page = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
};

function list<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** procedure path → declaration; a run, sweep or schedule id is authorised against its own project. */
export const procedures = {
  'setup.status': {
    kind: 'query',
    access: 'public',
    summary: 'Does this installation have an administrator yet?',
    rest: { method: 'GET', path: '/setup' },
    input: z.strictObject({}),
    output: z.strictObject({ needsAdministrator: z.boolean() }),
  },
  'setup.createAdministrator': {
    kind: 'mutation',
    access: 'public',
    summary: 'Create the first administrator with the one-time token',
    rest: { method: 'POST', path: '/setup' },
    input: z.strictObject({
      token: z.string().max(200),
      name: z.string().min(1).max(100),
      email: z.email().max(200),
      password: z.string().min(10).max(200),
    }),
    output: z.strictObject({ projectId: idSchema('project') }),
  },
  'setup.localKey': {
    kind: 'mutation',
    access: 'public',
    summary: 'An API key for the demo on this machine, for the holder of the one-time token',
    rest: { method: 'POST', path: '/setup/local-key' },
    input: z.strictObject({ token: z.string().max(200) }),
    output: z.strictObject({ projectId: idSchema('project'), apiKey: z.string() }),
  },

  'me.get': {
    kind: 'query',
    access: 'signed-in',
    summary: 'Who am I, and which projects may I see?',
    rest: { method: 'GET', path: '/me' },
    input: z.strictObject({}),
    output: z.strictObject({
      person: shape.personSchema.nullable(),
      projects: z.array(shape.projectSchema),
    }),
  },

  'projects.create': {
    kind: 'mutation',
    access: 'signed-in',
    summary: 'Create a project in an organization of mine',
    rest: { method: 'POST', path: '/projects' },
    input: z.strictObject({
      organizationId: idSchema('organization'),
      name: z.string().min(1).max(80),
    }),
    output: shape.projectSchema,
  },
  'projects.get': {
    kind: 'query',
    access: 'viewer',
    summary: 'One project',
    rest: { method: 'GET', path: '/projects/{projectId}' },
    input: z.strictObject(project),
    output: shape.projectSchema,
  },

  'specs.preview': {
    kind: 'query',
    access: 'viewer',
    summary: 'Check a spec and say what launching it will do',
    rest: { method: 'POST', path: '/projects/{projectId}/preview' },
    input: z.strictObject({ ...project, spec }),
    output: shape.previewSchema,
  },
  'specs.launch': {
    kind: 'mutation',
    access: 'member',
    summary: 'Launch a spec as a run or a sweep',
    rest: { method: 'POST', path: '/projects/{projectId}/launch' },
    input: z.strictObject({ ...project, spec }),
    output: launched,
  },

  'runs.list': {
    kind: 'query',
    access: 'viewer',
    summary: 'Runs of a project, newest first unless sorted',
    rest: { method: 'GET', path: '/projects/{projectId}/runs' },
    input: z.strictObject({
      ...project,
      ...page,
      state: runStateSchema.optional(),
      search: z.string().max(200).optional(),
      sweepId: idSchema('sweep').optional(),
      sort: z.enum(['created', 'experiment', 'state', 'duration']).default('created'),
      order: z.enum(['asc', 'desc']).default('desc'),
    }),
    output: list(shape.runRowSchema),
  },
  'runs.get': {
    kind: 'query',
    access: 'viewer',
    summary: 'One run with its stages',
    rest: { method: 'GET', path: '/runs/{runId}' },
    input: z.strictObject(run),
    output: shape.runDetailSchema,
  },
  'runs.metrics': {
    kind: 'query',
    access: 'viewer',
    summary: 'Metric curves of a run',
    rest: { method: 'GET', path: '/runs/{runId}/metrics' },
    input: z.strictObject({
      ...run,
      maxPoints: z.coerce
        .number()
        .int()
        .min(10)
        .max(100_000)
        .default(2000)
        .describe('per series, thinned for drawing'),
    }),
    output: z.strictObject({ series: z.array(shape.metricSeriesSchema) }),
  },
  'runs.logs': {
    kind: 'query',
    access: 'viewer',
    summary: 'Log lines of a run, oldest first',
    rest: { method: 'GET', path: '/runs/{runId}/logs' },
    input: z.strictObject({ ...run, ...page, stage: z.string().max(100).optional() }),
    output: list(shape.logLineSchema),
  },
  'runs.artifacts': {
    kind: 'query',
    access: 'viewer',
    summary: 'Artifacts of a run with lineage',
    rest: { method: 'GET', path: '/runs/{runId}/artifacts' },
    input: z.strictObject(run),
    output: z.strictObject({ items: z.array(shape.artifactViewSchema) }),
  },
  'runs.cancel': {
    kind: 'mutation',
    access: 'member',
    summary: 'Cancel a run',
    rest: { method: 'POST', path: '/runs/{runId}/cancel' },
    input: z.strictObject(run),
    output: ok,
  },
  'runs.compare': {
    kind: 'query',
    access: 'viewer',
    summary: 'Runs side by side with the spec paths in which they differ',
    rest: { method: 'GET', path: '/projects/{projectId}/compare' },
    input: z.strictObject({
      ...project,
      runIds: z.preprocess(
        (value) => (typeof value === 'string' ? value.split(',') : value),
        z.array(idSchema('run')).min(1).max(100),
      ),
    }),
    output: z.strictObject({
      runs: z.array(shape.runDetailSchema),
      differences: z.array(z.strictObject({ path: z.string(), values: z.array(z.unknown()) })),
    }),
  },

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

  'comments.list': {
    kind: 'query',
    access: 'viewer',
    summary: 'Comments on a run, oldest first',
    rest: { method: 'GET', path: '/runs/{runId}/comments' },
    input: z.strictObject(run),
    output: z.strictObject({ items: z.array(shape.commentSchema) }),
  },
  'comments.add': {
    kind: 'mutation',
    access: 'viewer',
    summary: 'Comment on a run',
    rest: { method: 'POST', path: '/runs/{runId}/comments' },
    input: z.strictObject({ ...run, body: z.string().trim().min(1).max(10_000) }),
    output: shape.commentSchema,
  },
  'comments.remove': {
    kind: 'mutation',
    access: 'viewer',
    summary: 'Remove a comment of mine, or any as owner',
    rest: { method: 'DELETE', path: '/comments/{commentId}' },
    input: z.strictObject({ commentId: idSchema('comment') }),
    output: ok,
  },

  'members.list': {
    kind: 'query',
    access: 'viewer',
    summary: 'Members of a project',
    rest: { method: 'GET', path: '/projects/{projectId}/members' },
    input: z.strictObject(project),
    output: z.strictObject({ items: z.array(shape.memberSchema) }),
  },
  'members.setRole': {
    kind: 'mutation',
    access: 'owner',
    summary: 'Change a role',
    rest: { method: 'PATCH', path: '/projects/{projectId}/members/{userId}' },
    input: z.strictObject({ ...project, userId: z.string().max(64), role: roleSchema }),
    output: ok,
  },
  'members.remove': {
    kind: 'mutation',
    access: 'owner',
    summary: 'Remove a member',
    rest: { method: 'DELETE', path: '/projects/{projectId}/members/{userId}' },
    input: z.strictObject({ ...project, userId: z.string().max(64) }),
    output: ok,
  },

  'invitations.list': {
    kind: 'query',
    access: 'owner',
    summary: 'Open invitations',
    rest: { method: 'GET', path: '/projects/{projectId}/invitations' },
    input: z.strictObject(project),
    output: z.strictObject({ items: z.array(shape.invitationSchema) }),
  },
  'invitations.create': {
    kind: 'mutation',
    access: 'owner',
    summary: 'Make an invitation link; the link is shown once',
    rest: { method: 'POST', path: '/projects/{projectId}/invitations' },
    input: z.strictObject({
      ...project,
      role: roleSchema.default('member'),
      days: z.int().min(1).max(30).default(7),
    }),
    output: z.strictObject({ invitation: shape.invitationSchema, url: z.string() }),
  },
  'invitations.revoke': {
    kind: 'mutation',
    access: 'owner',
    summary: 'Revoke an invitation',
    rest: { method: 'DELETE', path: '/invitations/{invitationId}' },
    input: z.strictObject({ invitationId: idSchema('invitation') }),
    output: ok,
  },
  'invitations.show': {
    kind: 'query',
    access: 'public',
    summary: 'What the holder of an invitation link is invited to',
    rest: { method: 'GET', path: '/invitations/by-token/{token}' },
    input: z.strictObject({ token: z.string().max(200) }),
    output: z.strictObject({ project: z.string(), organization: z.string(), role: roleSchema }),
  },
  'invitations.accept': {
    kind: 'mutation',
    access: 'public',
    summary: 'Join with an invitation link: as who is signed in, or with a new account',
    rest: { method: 'POST', path: '/invitations/by-token/{token}' },
    input: z.strictObject({
      token: z.string().max(200),
      account: z
        .strictObject({
          name: z.string().min(1).max(100),
          email: z.email().max(200),
          password: z.string().min(10).max(200),
        })
        .optional(),
    }),
    output: z.strictObject({ projectId: idSchema('project') }),
  },

  'apiKeys.list': {
    kind: 'query',
    access: 'owner',
    summary: 'API keys of a project',
    rest: { method: 'GET', path: '/projects/{projectId}/api-keys' },
    input: z.strictObject(project),
    output: z.strictObject({ items: z.array(shape.apiKeySchema) }),
  },
  'apiKeys.create': {
    kind: 'mutation',
    access: 'owner',
    summary: 'Make an API key; its secret is shown once',
    rest: { method: 'POST', path: '/projects/{projectId}/api-keys' },
    input: z.strictObject({
      ...project,
      name: z.string().min(1).max(80),
      role: roleSchema.default('member'),
      days: z.int().min(1).max(3650).optional(),
    }),
    output: z.strictObject({ key: shape.apiKeySchema, secret: z.string() }),
  },
  'apiKeys.revoke': {
    kind: 'mutation',
    access: 'owner',
    summary: 'Revoke an API key',
    rest: { method: 'DELETE', path: '/api-keys/{apiKeyId}' },
    input: z.strictObject({ apiKeyId: idSchema('apiKey') }),
    output: ok,
  },
} as const satisfies Record<string, Procedure>;

export type ProcedureName = keyof typeof procedures;
export type ProcedureInput<N extends ProcedureName> = z.input<(typeof procedures)[N]['input']>;
export type ProcedureOutput<N extends ProcedureName> = z.output<(typeof procedures)[N]['output']>;

/** REST base path; a file of an artifact is GET `/artifacts/{projectId}/{digest}/{file}` (bytes). */
export const restBase = '/api/v1';

/** Server-sent events of a project: GET `/projects/{projectId}/events?runId=…` with Last-Event-ID. */
export const liveInputSchema = z.strictObject({
  ...project,
  runId: idSchema('run').optional().describe('only this run, and presence on its page'),
  lastEventId: z.string().max(40).nullish(),
});

export const artifactFileSchema = z.strictObject({
  ...project,
  digest: digestSchema,
  file: z.string().max(200),
});
