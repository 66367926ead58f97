// Two organizations in one portal: the first with one of everything, the second as the strangers.
import { createHash, randomBytes } from 'node:crypto';
import { checkExperiment, type Experiment, makeId, planStages } from '@stillwatt/contracts';
import { singleRun } from '@stillwatt/search';
import { createKey, sha256 } from '../../apps/portal/server/api-keys.ts';
import type { As, TestPortal } from './portal.ts';

const password = 'correct horse battery';

export interface World {
  /** Ids of the first organization by the input field that names them. */
  ids: Record<string, string>;
  /** People and keys of the first project by role. */
  owner: As;
  member: As;
  viewer: As;
  /** A person and an owner's key of the second organization. */
  stranger: As;
  strangerKey: As;
  strangerProjectId: string;
}

export function newId(noun: Parameters<typeof makeId>[0]): string {
  return makeId(noun, randomBytes(12));
}

export function experiment(parts: object = {}): Experiment {
  const read = checkExperiment({ experiment: 'toy', ...parts });
  if (!read.ok) throw new Error(JSON.stringify(read.issues));
  return read.spec;
}

export async function createWorld(portal: TestPortal): Promise<World> {
  const { db, auth } = portal.services;
  const person = async (name: string) => {
    const email = `${name}@example.org`;
    const { id } = await auth.createUser({ name, email, password });
    return { id, as: await portal.signIn(email, password) };
  };
  const [owner, member, viewer, stranger] = [
    await person('ada'),
    await person('mia'),
    await person('vic'),
    await person('eve'),
  ];
  const project = async (name: string, ownerId: string) => {
    const [organizationId, projectId] = [newId('organization'), newId('project')];
    await db.projects.createOrganization({ id: organizationId, name, ownerId });
    await db.projects.create({ id: projectId, organizationId, name, ownerId });
    return { organizationId, projectId };
  };
  const first = await project('First', owner.id);
  const second = await project('Second', stranger.id);
  const { projectId } = first;
  await db.members.add(projectId, member.id, 'member');
  await db.members.add(projectId, viewer.id, 'viewer');

  const spec = experiment();
  const [sweepId, runId, scheduleId] = [newId('sweep'), newId('run'), newId('schedule')];
  const requestedBy = owner.id;
  await db.sweeps.insert({ projectId, requestedBy, sweepId, spec }, { planned: 1 });
  const run = singleRun(spec);
  await db.runs.insert(
    { projectId, requestedBy, runId, sweepId, cell: {}, spec: run },
    planStages(run),
  );
  await db.schedules.insert({
    ...{ id: scheduleId, projectId, name: 'nightly', cron: '0 2 * * *', timeZone: 'UTC' },
    ...{ overlap: 'skip', paused: false, spec, createdBy: owner.id },
  });
  const comment = await db.comments.add({
    id: newId('comment'),
    runId,
    authorId: owner.id,
    body: 'first',
  });
  const invitation = await db.invitations.create({
    id: newId('invitation'),
    projectId,
    tokenSha256: sha256('an invitation of the first'),
    role: 'viewer',
    createdBy: owner.id,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const key = { name: 'k', role: 'owner', expiresAt: null } as const;
  const mine = await createKey(db, { ...key, projectId, createdBy: owner.id });
  const theirs = await createKey(db, {
    ...key,
    projectId: second.projectId,
    createdBy: stranger.id,
  });
  return {
    ids: {
      ...first,
      runId,
      sweepId,
      scheduleId,
      commentId: comment.id,
      invitationId: invitation.id,
      apiKeyId: mine.key.id,
      userId: viewer.id,
    },
    owner: owner.as,
    member: member.as,
    viewer: viewer.as,
    stranger: stranger.as,
    strangerKey: { key: theirs.secret },
    strangerProjectId: second.projectId,
  };
}

/** A digest that no artifact has. */
export const noDigest = `sha256:${createHash('sha256').update('nothing').digest('hex')}`;
