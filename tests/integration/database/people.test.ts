// People, roles, invitations, keys and what they leave behind, on a real PostgreSQL.
import { betterAuth } from 'better-auth';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeProject,
  makeResult,
  makeRun,
  makeSpec,
  newId,
  startDatabase,
  type TestDatabase,
} from '../../support/database.ts';

let test: TestDatabase;
let people: { id: string; email: string }[];

function auth() {
  return betterAuth({
    database: test.db.authAdapter(),
    secret: 'a secret of the test, long enough for it',
    baseURL: 'http://localhost:3000',
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    advanced: { database: { generateId: () => newId('user') } },
  });
}

beforeAll(async () => {
  test = await startDatabase();
  expect(await test.db.users.isEmpty()).toBe(true);
  people = [];
  for (const name of ['ada', 'ben', 'cyd']) {
    const email = `${name}@example.org`;
    const { user } = await auth().api.signUpEmail({
      body: { name, email, password: 'correct horse' },
    });
    people.push({ id: user.id, email });
  }
});
afterAll(() => test?.stop());

const soon = () => new Date(Date.now() + 60_000).toISOString();
const past = () => new Date(Date.now() - 60_000).toISOString();

describe('better-auth over our adapter', () => {
  it('signs up, in and out', async () => {
    const [ada] = people;
    expect(await test.db.users.isEmpty()).toBe(false);
    expect(await test.db.users.get(ada!.id)).toEqual({
      id: ada!.id,
      name: 'ada',
      email: ada!.email,
    });
    const body = { email: ada!.email, password: 'correct horse' };
    const { headers } = await auth().api.signInEmail({ body, returnHeaders: true });
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
    const session = { headers: new Headers({ cookie }) };
    expect((await auth().api.getSession(session))?.user.id).toBe(ada!.id);
    await auth().api.signOut(session);
    expect(await auth().api.getSession(session)).toBeNull();
    const wrong = auth().api.signInEmail({ body: { ...body, password: 'wrong horse!' } });
    await expect(wrong).rejects.toThrow();
  });
});

describe('users', () => {
  it('are made with their password, or not at all', async () => {
    const { users } = test.db;
    const name = 'dot';
    const dot = { id: newId('user'), name, email: `${name}@example.org`, passwordHash: 'hash' };
    const broken = { ...dot, passwordHash: 'a\0b' };
    await expect(users.create(broken)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(await users.get(dot.id)).toBeNull();
    expect(await users.create(dot)).toBe(true);
    expect(await users.create({ ...dot, id: newId('user') })).toBe(false);
    expect(await users.remove(dot.id)).toBe(true);
    expect(await users.get(dot.id)).toBeNull();
  });
});

it('forgets sessions and verifications whose time is over, and no others', async () => {
  const { db, url } = test;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const [id, ends] of [
      ['old', past()],
      ['new', soon()],
    ]) {
      await client.query(
        'INSERT INTO session (id, token, user_id, expires_at) VALUES ($1, $1, $2, $3)',
        [id, people[0]!.id, ends],
      );
      await client.query(
        'INSERT INTO verification (id, identifier, value, expires_at) VALUES ($1, $1, $1, $2)',
        [id, ends],
      );
    }
    expect(await db.users.forgetExpired()).toBe(2);
    for (const table of ['session', 'verification']) {
      const { rows } = await client.query(`SELECT id FROM ${table} WHERE id IN ('old', 'new')`);
      expect(rows).toEqual([{ id: 'new' }]);
    }
    expect(await db.users.forgetExpired()).toBe(0);
  } finally {
    await client.end();
  }
});

describe('members', () => {
  it('have roles per project, and the last owner stays', async () => {
    const [ada, ben] = people;
    const { members, projects } = test.db;
    const projectId = await makeProject(test.db, ada!.id);
    expect(await members.role(ada!.id, projectId)).toBe('owner');
    expect(await members.role(ben!.id, projectId)).toBeNull();
    expect(await members.role(ada!.id, test.projectId)).toBeNull();
    const { organization } = (await projects.get(projectId))!;
    expect(await members.organizationRole(ada!.id, organization.id)).toBe('owner');
    expect(await members.organizationRole(ben!.id, organization.id)).toBeNull();
    expect(await members.add(projectId, ben!.id, 'viewer')).toBe(true);
    expect(await members.add(projectId, ben!.id, 'owner')).toBe(false);
    const refusal = { code: 'CONFLICT' };
    await expect(members.remove(projectId, ada!.id)).rejects.toMatchObject(refusal);
    await expect(members.setRole(projectId, ada!.id, 'member')).rejects.toMatchObject(refusal);
    expect(await members.setRole(projectId, ben!.id, 'owner')).toBe(true);
    const leave = [ada, ben].map((one) => members.remove(projectId, one!.id));
    const left = (await Promise.allSettled(leave)).map(({ status }) => status);
    expect(left.sort()).toEqual(['fulfilled', 'rejected']); // both at once: one must stay
    expect(await members.list(projectId)).toMatchObject([{ role: 'owner' }]);
    expect(await members.setRole(projectId, 'usr_nobody', 'viewer')).toBe(false);
  });

  it('see their projects', async () => {
    const cyd = people[2]!.id;
    const projectId = await makeProject(test.db, cyd);
    expect(await test.db.projects.ofUser(cyd)).toMatchObject([
      { id: projectId, name: 'Project', role: 'owner', organization: { name: 'Organization' } },
    ]);
    expect(await test.db.projects.get('prj_none')).toBeNull();
  });
});

describe('invitations', () => {
  const invite = (tokenSha256: string, more = {}) =>
    test.db.invitations.create({
      ...{ id: newId('invitation'), projectId: test.projectId, tokenSha256, role: 'member' },
      ...{ createdBy: null, expiresAt: soon(), ...more },
    });

  it('are accepted by one person once', async () => {
    const { invitations, members } = test.db;
    const { id } = await invite('hash-1');
    expect(await invitations.find('hash-1')).toMatchObject({ id, project: { name: 'Project' } });
    const answers = await Promise.all(people.map((one) => invitations.accept('hash-1', one.id)));
    expect(answers.filter((answer) => answer !== null)).toEqual([{ projectId: test.projectId }]);
    const roles = await Promise.all(people.map((one) => members.role(one.id, test.projectId)));
    expect(roles.filter((role) => role === 'member')).toHaveLength(1);
    expect(await invitations.find('hash-1')).toBeNull();
    expect(await invitations.revoke(id)).toBe(false);
  });

  it('neither expire late nor lower a role', async () => {
    const { invitations, members } = test.db;
    await invite('hash-2', { expiresAt: past() });
    const revoked = await invite('hash-3');
    expect(await invitations.revoke(revoked.id)).toBe(true);
    const ben = people[1]!.id;
    for (const hash of ['hash-2', 'hash-3', 'hash-4']) {
      expect(await invitations.find(hash)).toBeNull();
      expect(await invitations.accept(hash, ben)).toBeNull();
    }
    expect(await invitations.list(test.projectId)).toEqual([]);
    const projectId = await makeProject(test.db, ben);
    await invite('hash-5', { projectId, role: 'viewer' });
    expect(await invitations.accept('hash-5', ben)).toEqual({ projectId });
    expect(await members.role(ben, projectId)).toBe('owner');
  });
});

describe('API keys', () => {
  it('are found until they expire or are revoked, and remember their use', async () => {
    const { apiKeys } = test.db;
    const make = (expiresAt: string | null) =>
      apiKeys.create({
        ...{ id: newId('apiKey'), projectId: test.projectId, name: 'ci', role: 'member' },
        ...{ secretSha256: 'hash', createdBy: people[0]!.id, expiresAt },
      });
    const [lasting, expired] = [await make(null), await make(past())];
    expect(await apiKeys.find(lasting.id)).toMatchObject({ secretSha256: 'hash', role: 'member' });
    expect(await apiKeys.find(expired.id)).toBeNull();
    await apiKeys.touch(lasting.id);
    const used = async () =>
      (await apiKeys.list(test.projectId)).find((key) => key.id === lasting.id)?.lastUsedAt;
    const first = await used();
    expect(first).not.toBeNull();
    await apiKeys.touch(lasting.id);
    expect(await used()).toBe(first);
    expect(await apiKeys.revoke(lasting.id)).toBe(true);
    expect(await apiKeys.find(lasting.id)).toBeNull();
    expect(await apiKeys.revoke(lasting.id)).toBe(false);
  });
});

describe('what belongs to a project', () => {
  it('is found for authorisation, by every kind of id', async () => {
    const { db, projectId } = test;
    const sweepId = newId('sweep');
    const { seed: _, ...parts } = makeSpec();
    const spec = { ...parts, seeds: [1] };
    const owner = { projectId, requestedBy: people[0]!.id };
    await db.sweeps.insert({ ...owner, sweepId, spec }, { planned: 1 });
    const { runId } = await makeRun(db, { ...owner, sweepId });
    const commentId = newId('comment');
    const author = people[0]!;
    const body = 'fine \0 work';
    const added = await db.comments.add({ id: commentId, runId, authorId: author.id, body });
    expect(added).toMatchObject({ author: { name: 'ada' }, body: 'fine \ufffd work', runId });
    const lost = db.comments.add({
      ...added,
      id: newId('comment'),
      runId: 'none',
      authorId: author.id,
    });
    await expect(lost).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const scheduleId = newId('schedule');
    const schedule = {
      ...{ id: scheduleId, projectId, name: 'nightly', cron: '0 3 * * *', timeZone: 'UTC', spec },
      ...{ overlap: 'skip' as const, paused: false },
    };
    expect(await db.schedules.insert({ ...schedule, createdBy: null })).toBe(true);
    expect(await db.schedules.setPaused(scheduleId, true)).toBe(true);
    expect(await db.schedules.list(projectId)).toEqual([{ ...schedule, paused: true }]);
    const { projects } = db;
    expect(
      await Promise.all([
        ...[projects.ofRun(runId), projects.ofSweep(sweepId), projects.ofComment(commentId)],
        ...[projects.ofSchedule(scheduleId), projects.ofRun('x'), projects.ofComment('x')],
        ...[projects.ofInvitation('x'), projects.ofApiKey('x')],
      ]),
    ).toEqual([projectId, projectId, projectId, projectId, null, null, null, null]);
    expect(await db.runs.get(runId)).toMatchObject({ requestedBy: { name: 'ada' }, sweepId });
    expect(await db.comments.list(runId)).toEqual([added]);
    expect(await db.comments.remove(commentId)).toBe(true);
    expect(await db.schedules.remove(scheduleId)).toBe(true);
    const told = await db.live.listSince({ projectId, sinceId: '0', runId, limit: 10 });
    expect(told.map(({ type }) => type)).toEqual(['run', 'comment', 'comment']);
  });

  it('has a memory: named specs and artifacts', async () => {
    const { db, projectId } = test;
    const { seed: _, ...parts } = makeSpec('remembered');
    await db.experiments.save(projectId, { ...parts, seeds: [1] });
    await db.experiments.save(projectId, { ...parts, seeds: [2] });
    expect(await db.experiments.get(projectId, 'remembered')).toMatchObject({ seeds: [2] });
    expect(await db.experiments.list(projectId)).toMatchObject([{ name: 'remembered' }]);

    const { runId } = await makeRun(db, { projectId });
    const ref = { digest: `sha256:${'c'.repeat(64)}`, kind: 'model' as const, sizeBytes: 5e9 };
    const lineage = { stageKey: 'key', inputs: { dataset: ref.digest } };
    const manifest = { version: 1 as const, kind: 'model' as const, files: [], lineage };
    const row = { projectId, ref, manifest, madeBy: `${runId}/teacher` };
    expect([await db.artifacts.insert(row), await db.artifacts.insert(row)]).toEqual([true, false]);
    const view = { ...ref, madeBy: row.madeBy, inputs: lineage.inputs, files: [] };
    expect(await db.artifacts.ofRun(runId)).toMatchObject([view]);
    expect(await db.artifacts.get('prj_other', ref.digest)).toBeNull();
  });

  it('is audited, newest first', async () => {
    const { db } = test;
    const projectId = await makeProject(db);
    for (let k = 0; k < 3; k += 1) {
      const who = { projectId, userId: null, apiKeyId: null, subject: 'run_1' };
      await db.audit.append({ ...who, action: `step.${k}`, detail: { k } });
    }
    const first = await db.audit.list({ projectId, limit: 2 });
    expect(first.items.map(({ action }) => action)).toEqual(['step.2', 'step.1']);
    const cursor = first.nextCursor ?? undefined;
    const rest = await db.audit.list({ projectId, limit: 2, cursor });
    expect(rest.items).toMatchObject([{ action: 'step.0', detail: { k: 0 } }]);
    expect(rest.nextCursor).toBeNull();
  });

  it('keeps the result of a key, and the one that replaces it', async () => {
    const { db, projectId } = test;
    const [first, second] = [makeResult('run_a/teacher'), makeResult('run_b/teacher')];
    const keep = (result: typeof first) =>
      db.stageResults.keep(projectId, 'k', { result, ownerPath: result.path });
    expect((await Promise.all([keep(first), keep(first)])).filter(Boolean)).toHaveLength(1);
    expect(await keep(second)).toBe(true);
    expect(await db.stageResults.get(projectId, 'k')).toEqual({
      ...{ result: second, ownerPath: second.path },
    });
    expect(await db.stageResults.known(projectId, ['k', 'other'])).toEqual(['k']);
    expect(await db.stageResults.get('prj_other', 'k')).toBeNull();
  });
});
