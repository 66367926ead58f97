// The one-time token makes one administrator, also when several come with it at the same moment.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminToken, startPortal, type TestPortal } from '../../support/portal.ts';

let portal: TestPortal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.stop());

const password = 'correct horse battery';
const accountOf = (name: string) => ({ name, email: `${name}@example.org`, password });

test('of several who make the administrator at once, one is it and nothing is left of the others', async () => {
  const names = ['ada', 'bob', 'cyd', 'dan'];
  const answers = await Promise.all(
    names.map((name) =>
      portal.trpc('setup.createAdministrator', { token: adminToken, ...accountOf(name) }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  const at = answers.findIndex(({ status }) => status === 200);
  const [winner = ''] = names.splice(at, 1);
  const { projectId } = answers[at]!.body;
  for (const { status, body } of answers) {
    if (status !== 200) expect(body).toMatchObject({ code: 'CONFLICT', fix: expect.any(String) });
  }
  expect((await portal.rest('setup.status', {})).body).toEqual({ needsAdministrator: false });

  const owner = await portal.signIn(`${winner}@example.org`, password);
  const { items } = (await portal.trpc('members.list', { projectId }, owner)).body;
  expect(items.map(({ person, role }) => [person.name, role])).toEqual([[winner, 'owner']]);
  // Their addresses are free: an invitation makes their accounts.
  for (const name of names) {
    const invited = await portal.trpc('invitations.create', { projectId }, owner);
    const token = invited.body.url.split('/').at(-1) ?? '';
    const joined = await portal.rest('invitations.accept', { token, account: accountOf(name) });
    expect(joined).toEqual({ status: 200, body: { projectId } });
  }
});
