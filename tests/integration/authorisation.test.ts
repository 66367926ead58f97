// Generated from the table of procedures: strangers learn nothing of another organization, over tRPC and REST.
import {
  type Access,
  liveInputSchema,
  type Procedure,
  type ProcedureName,
  procedures,
  restBase,
  type Role,
  roleAllows,
} from '@stillwatt/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type As, portalUrl, startPortal, type TestPortal } from '../support/portal.ts';
import { createWorld, newId, noDigest, type World } from '../support/portal-world.ts';
import { startTemporal, type TestTemporal } from '../support/temporal.ts';

let temporal: TestTemporal;
let portal: TestPortal;
let world: World;
beforeAll(async () => {
  temporal = await startTemporal();
  portal = await startPortal({ temporalAddress: temporal.address });
  world = await createWorld(portal);
});
afterAll(async () => {
  await portal.stop();
  await temporal.stop();
});

/** A valid value for every required field of an input that is not an id. */
const samples: Record<string, unknown> = {
  spec: 'experiment: toy\n',
  name: 'a name',
  cron: '0 2 * * *',
  paused: true,
  body: 'a comment',
  role: 'member',
  email: 'new@example.org',
  password: 'correct horse battery',
  token: 'not the token',
};

/** Names nobody's thing: what they give is checked in tests/integration/portal/accounts.test.ts. */
const withoutProject: ProcedureName[] = [
  'setup.status',
  'setup.createAdministrator',
  'setup.localKey',
  'me.get',
  'invitations.show',
  'invitations.accept',
];

const table = Object.entries(procedures) as [ProcedureName, Procedure][];
const guarded = table.filter(([name]) => !withoutProject.includes(name));
const protocols = ['trpc', 'rest'] as const;

interface Schema {
  safeParse: (value: unknown) => { success: boolean };
}

/** The procedure's input with these ids. @throws for a required field this test knows no value for. */
function inputFor(name: ProcedureName, ids: Record<string, string>): never {
  const shape = procedures[name].input.shape as Record<string, Schema>;
  const input: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(shape)) {
    const known = field === 'runIds' ? ids['runId'] : (ids[field] ?? samples[field]);
    if (known !== undefined) input[field] = known;
    else if (!schema.safeParse(undefined).success) {
      throw new Error(`${name} needs ${field}: add it to the samples or to the world`);
    }
  }
  return input as never;
}

function ask(protocol: 'trpc' | 'rest', name: ProcedureName, input: never, as: As) {
  return portal[protocol](name, input, as);
}

/** The same ids as of things that never were. */
function absent(): Record<string, string> {
  const ids: Record<string, string> = { userId: newId('user') };
  for (const field of Object.keys(world.ids)) {
    if (field !== 'userId') ids[field] = newId(field.replace(/Id$/, '') as 'run');
  }
  return ids;
}

test('every procedure that names something of a project is covered', () => {
  const ids = Object.keys(world.ids);
  for (const [name, { access, input }] of table) {
    const namesSomething = Object.keys(input.shape).some((field) => ids.includes(field));
    const known = withoutProject.includes(name);
    expect([name, namesSomething], 'in exactly one of both lists').toEqual([name, !known]);
    if (access !== 'public' && access !== 'signed-in') expect(known).toBe(false);
  }
});

describe.each(protocols)('over %s', (protocol) => {
  test.each(guarded)('%s is NOT_FOUND to strangers, as if it never was', async (name) => {
    for (const as of [world.stranger, world.strangerKey]) {
      const foreign = await ask(protocol, name, inputFor(name, world.ids), as);
      expect(foreign).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
      const missing = await ask(protocol, name, inputFor(name, absent()), as);
      expect(foreign).toEqual(missing);
    }
  });

  test.each(table.filter(([, { access }]) => access !== 'public'))(
    '%s is UNAUTHENTICATED to nobody',
    async (name) => {
      const answer = await ask(protocol, name, inputFor(name, world.ids), {});
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    },
  );

  test.each(guarded)('%s is FORBIDDEN to members below its role', async (name, { access }) => {
    for (const role of ['viewer', 'member'] as const) {
      if (!isRole(access) || roleAllows(role, access)) continue;
      const answer = await ask(protocol, name, inputFor(name, world.ids), world[role]);
      expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
  });

  test.each(guarded.filter(([, { kind }]) => kind === 'query'))(
    '%s answers to the owner',
    async (name) => {
      const answer = await ask(protocol, name, inputFor(name, world.ids), world.owner);
      expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
    },
  );
});

describe('what is a stream', () => {
  const streams = () => [
    `${restBase}/projects/${world.ids['projectId']}/events`,
    `${restBase}/projects/${world.strangerProjectId}/events?runId=${world.ids['runId']}`,
    `${restBase}/artifacts/${world.ids['projectId']}/${noDigest}/config.json`,
  ];

  test('REST streams are NOT_FOUND to strangers and UNAUTHENTICATED to nobody', async () => {
    for (const path of streams()) {
      for (const [as, status] of [
        [world.stranger, 404],
        [world.strangerKey, 404],
        [{}, 401],
      ] as const) {
        const response = await portal.fetch(path, { headers: headersOf(as) });
        expect([path, response.status]).toEqual([path, status]);
      }
    }
  });

  test('the tRPC subscription ends with the same errors', async () => {
    const input = liveInputSchema.parse({ projectId: world.ids['projectId'] });
    const query = encodeURIComponent(JSON.stringify(input));
    for (const [as, code] of [
      [world.stranger, 'NOT_FOUND'],
      [{}, 'UNAUTHENTICATED'],
    ] as const) {
      const response = await portal.fetch(`/api/trpc/live.subscribe?input=${query}`, {
        headers: headersOf(as),
      });
      expect(await response.text()).toContain(`"code":"${code}"`);
    }
  });
});

test('me.get shows strangers their own project alone', async () => {
  for (const as of [world.stranger, world.strangerKey]) {
    const { body } = await portal.rest('me.get', {}, as);
    expect(body.projects.map(({ id }) => id)).toEqual([world.strangerProjectId]);
  }
});

function headersOf({ cookie, key }: As): Record<string, string> {
  if (key !== undefined) return { authorization: `Bearer ${key}` };
  return cookie === undefined ? {} : { cookie, origin: portalUrl };
}

function isRole(access: Access): access is Role {
  return access !== 'public' && access !== 'signed-in';
}
