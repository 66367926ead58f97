// Procedures on people: set-up, projects, members, invitations, API keys.
import { z } from 'zod';
import { idSchema } from '../../names.ts';
import { roleSchema } from '../../states.ts';
import * as shape from '../shapes.ts';
import { ok, project, type Procedure } from './common.ts';

export const accessProcedures = {
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
      /** Where I may make projects, by my role; none for a key. */
      organizations: z.array(shape.organizationSchema),
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
