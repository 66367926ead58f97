// Accounts: the first administrator, sign-in, invitations, keys, and what is refused.
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { handleTrpc } from '../../../apps/portal/server/http/trpc.ts';
import { createServices } from '../../../apps/portal/server/services.ts';
import {
  adminToken,
  type As,
  portalUrl,
  startPortal,
  type TestPortal,
} from '../../support/portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.stop());

const ada = { name: 'Ada', email: 'Ada@Example.org', password: 'correct horse battery' };
const bob = { name: 'Bob', email: 'bob@example.org', password: 'staple battery horse' };
let owner: As;
let projectId: string;

test('the demo’s key and the first administrator meet in one project', async () => {
  expect((await portal.rest('setup.status', {})).body).toEqual({ needsAdministrator: true });
  const wrong = await portal.rest('setup.localKey', { token: 'guess' });
  expect(wrong).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  const local = await portal.rest('setup.localKey', { token: adminToken });
  expect(local.status).toBe(200);
  ({ projectId } = local.body);
  const key = { key: local.body.apiKey };
  expect((await portal.rest('me.get', {}, key)).body).toMatchObject({
    person: null,
    projects: [{ id: projectId, name: 'Demo', role: 'member' }],
  });

  const made = await portal.trpc('setup.createAdministrator', { token: adminToken, ...ada });
  expect(made).toEqual({ status: 200, body: { projectId } });
  expect((await portal.rest('setup.status', {})).body).toEqual({ needsAdministrator: false });
  const again = await portal.trpc('setup.createAdministrator', { token: adminToken, ...bob });
  expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });

  owner = await portal.signIn('ada@example.org', ada.password);
  expect((await portal.trpc('me.get', {}, owner)).body).toMatchObject({
    person: { name: 'Ada', email: 'ada@example.org' },
    projects: [{ id: projectId, role: 'owner' }],
  });
});

test('a wrong password and an unknown account look the same, and sign-up is closed', async () => {
  const tried = async (email: string) =>
    portal.signIn(email, 'not the password').catch((error: Error) => error.message);
  expect(await tried('ada@example.org')).toBe(await tried('nobody@example.org'));
  const response = await portal.fetch('/api/auth/sign-up/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: portalUrl },
    body: JSON.stringify(bob),
  });
  expect(response.ok).toBe(false);
});

test('in daily use a session does not end: its cookie is renewed with it', async () => {
  const { cookie = '' } = owner;
  const paths = ['/api/trpc/me.get?input=%7B%7D', `/api/v1/projects/${projectId}`];
  const given = async (path: string) => {
    const response = await portal.fetch(path, { headers: { cookie } });
    expect(response.status).toBe(200);
    return response.headers.getSetCookie();
  };
  const database = new pg.Client({ connectionString: portal.services.env.databaseUrl });
  await database.connect();
  try {
    for (const path of paths) {
      expect(await given(path)).toEqual([]);
      await database.query(`UPDATE session SET expires_at = now() + interval '5 days'`);
      const [renewed, ...others] = await given(path);
      expect(renewed).toContain(cookie);
      expect(renewed).toMatch(/Max-Age=604800.*HttpOnly/);
      expect(others).toEqual([]);
    }
    await database.query(`UPDATE session SET expires_at = now() - interval '1 second'`);
    const response = await portal.fetch(paths[1] ?? '', { headers: { cookie } });
    expect([response.status, response.headers.getSetCookie()]).toEqual([401, []]);
  } finally {
    await database.end();
  }
  owner = await portal.signIn('ada@example.org', ada.password);
});

test('an invitation makes an account once', async () => {
  const invited = await portal.trpc('invitations.create', { projectId, role: 'viewer' }, owner);
  const token = invited.body.url.slice(`${portalUrl}/join/`.length);
  expect((await portal.rest('invitations.show', { token })).body).toEqual({
    project: 'Demo',
    organization: 'Local',
    role: 'viewer',
  });
  const unnamed = await portal.rest('invitations.accept', { token });
  expect(unnamed).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  const taken = await portal.rest('invitations.accept', { token, account: ada });
  expect(taken).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  const joined = await portal.rest('invitations.accept', { token, account: bob });
  expect(joined).toEqual({ status: 200, body: { projectId } });
  const again = await portal.rest('invitations.accept', {
    token,
    account: { ...bob, email: 'c@d.ef' },
  });
  expect(again).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });

  const viewer = await portal.signIn(bob.email, bob.password);
  const members = await portal.trpc('members.list', { projectId }, viewer);
  expect(members.body.items.map(({ person, role }) => [person.name, role])).toEqual([
    ['Ada', 'owner'],
    ['Bob', 'viewer'],
  ]);
  // A project of its own is offered to members of the organization alone.
  expect((await portal.trpc('me.get', {}, viewer)).body.organizations).toEqual([]);
  expect((await portal.trpc('me.get', {}, owner)).body.organizations).toMatchObject([
    { name: 'Local', role: 'owner' },
  ]);
  const low = await portal.trpc('apiKeys.create', { projectId, name: 'x' }, viewer);
  expect(low).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
});

test('a key works until it is revoked, and a wrong one never', async () => {
  const made = await portal.trpc(
    'apiKeys.create',
    { projectId, name: 'ci', role: 'viewer' },
    owner,
  );
  const key = made.body.secret;
  expect((await portal.rest('projects.get', { projectId }, { key })).body).toMatchObject({
    role: 'viewer',
  });
  for (const wrong of [`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, 'sw_x_y', '']) {
    const refused = await portal.rest('projects.get', { projectId }, { key: wrong });
    expect(refused).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  }
  const stored = JSON.stringify(await portal.trpc('apiKeys.list', { projectId }, owner));
  expect(stored).not.toContain(key.slice('sw_123456789abc_'.length));
  await portal.trpc('apiKeys.revoke', { apiKeyId: made.body.key.id }, owner);
  expect((await portal.rest('projects.get', { projectId }, { key })).status).toBe(401);
});

test('a key never does more than the person who made it may now', async () => {
  const { db, auth } = portal.services;
  const eve = { name: 'Eve', email: 'eve@example.org', password: 'horse battery staple' };
  const { id: userId } = await auth.createUser(eve);
  await db.members.add(projectId, userId, 'owner');
  const signedIn = await portal.signIn(eve.email, eve.password);
  const keyOf = async (role: 'owner' | 'viewer') =>
    (await portal.trpc('apiKeys.create', { projectId, name: role, role }, signedIn)).body.secret;
  const [high, low] = [{ key: await keyOf('owner') }, { key: await keyOf('viewer') }];
  const roleOf = async (key: As) => (await portal.rest('projects.get', { projectId }, key)).body;
  expect(await roleOf(high)).toMatchObject({ role: 'owner' });

  await portal.trpc('members.setRole', { projectId, userId, role: 'member' }, owner);
  expect(await roleOf(high)).toMatchObject({ role: 'member' });
  expect(await roleOf(low)).toMatchObject({ role: 'viewer' });
  expect(await portal.rest('members.remove', { projectId, userId }, high)).toMatchObject({
    status: 403,
    body: { code: 'FORBIDDEN' },
  });

  await portal.trpc('members.remove', { projectId, userId }, owner);
  for (const key of [high, low]) {
    expect(await portal.rest('projects.get', { projectId }, key)).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED', message: expect.stringMatching(/no longer a member/) },
    });
  }
});

test('cookies of a person do nothing from another site’s page', async () => {
  const response = await portal.fetch('/api/trpc/invitations.create', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: 'https://evil.example',
      cookie: owner.cookie ?? '',
    },
    body: JSON.stringify({ projectId }),
  });
  expect(response.status).toBe(403);
});

test('an oversized body is refused before it is parsed', async () => {
  const response = await portal.fetch(`/api/v1/projects/${projectId}/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: owner.cookie ?? '', origin: portalUrl },
    body: JSON.stringify({ spec: 'x'.repeat(2_000_000) }),
  });
  expect(response.status).toBe(400);
});

test('the audit says who did what, without secrets', async () => {
  const { items } = await portal.services.db.audit.list({ projectId, limit: 100 });
  const actions = items.map(({ action }) => action);
  expect(actions).toEqual(
    expect.arrayContaining(['setup.localKey', 'invitations.create', 'apiKeys.revoke']),
  );
  expect(JSON.stringify(items)).not.toMatch(/correct horse|sw_|token-for-tests/);
  const subjectOf = (action: string) => items.find((item) => item.action === action)?.subject;
  expect(subjectOf('apiKeys.create')).toMatch(/^key_/);
  expect(subjectOf('invitations.create')).toMatch(/^inv_/);
});

test('texts that the database cannot hold are the caller’s fault', async () => {
  const answer = await portal.trpc('apiKeys.create', { projectId, name: 'a\0b' }, owner);
  expect(answer).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID' } });
});

test('while the database is away, who is signed in may try again, and the log says why', async () => {
  const databaseUrl = 'postgresql://nobody@127.0.0.1:9/none';
  const services = createServices({ ...portal.services.env, databaseUrl });
  const logged = vi.spyOn(services.log, 'error');
  const request = new Request(`${portalUrl}/api/trpc/me.get`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: portalUrl,
      cookie: owner.cookie ?? '',
    },
    body: '{}',
  });
  const response = await handleTrpc(services, request);
  await services.close();
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    error: { data: { error: { code: 'STORAGE_UNAVAILABLE', retryable: true } } },
  });
  expect(logged).toHaveBeenCalledWith(expect.objectContaining({ path: 'me.get' }), 'call failed');
});
