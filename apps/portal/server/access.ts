// Who may do what: the project of the id a call names, and the caller's role in it.
import { type Access, type Role, roleAllows, StillwattError } from '@stillwatt/contracts';
import type { Caller } from './context.ts';
import { notFound } from './errors.ts';
import type { Services } from './services.ts';

export interface Granted {
  projectId: string;
  role: Role;
}

/** @throws StillwattError UNAUTHENTICATED for a stranger where access is not public. */
export function requireIdentity(access: Access, caller: Caller): void {
  if (access === 'public' || caller.type !== 'nobody') return;
  throw new StillwattError('UNAUTHENTICATED', 'sign in first', {
    fix: 'sign in on the portal, or send an API key as “Authorization: Bearer sw_…”',
  });
}

/**
 * The caller's role in the project that the input names.
 * @throws StillwattError NOT_FOUND if there is none or the caller is not a member: the two look the same;
 *   FORBIDDEN for a member whose role is too low.
 */
export async function authorise(
  services: Services,
  caller: Caller,
  needed: Role,
  input: Readonly<Record<string, unknown>>,
): Promise<Granted> {
  const projectId = await projectOf(services, input);
  const role = projectId === null ? null : await roleIn(services, caller, projectId);
  if (projectId === null || role === null) throw notFound();
  if (!roleAllows(role, needed)) {
    throw new StillwattError('FORBIDDEN', `this needs the role ${needed}, yours is ${role}`, {
      fix: `ask an owner of the project to make you ${needed}`,
    });
  }
  return { projectId, role };
}

/** The key in the input that decides, in this order, and how its project is found. */
const finders: Record<string, (services: Services, id: string) => Promise<string | null>> = {
  projectId: async (_services, id) => id,
  runId: async ({ db, temporal }, id) =>
    (await db.projects.ofRun(id)) ?? (await temporal.pendingRun(id))?.input.projectId ?? null,
  sweepId: async ({ db, temporal }, id) =>
    (await db.projects.ofSweep(id)) ?? (await temporal.pendingSweep(id))?.input.projectId ?? null,
  scheduleId: ({ db }, id) => db.projects.ofSchedule(id),
  commentId: ({ db }, id) => db.projects.ofComment(id),
  invitationId: ({ db }, id) => db.projects.ofInvitation(id),
  apiKeyId: ({ db }, id) => db.projects.ofApiKey(id),
};

async function projectOf(
  services: Services,
  input: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  for (const [key, find] of Object.entries(finders)) {
    const id = input[key];
    if (typeof id === 'string') return find(services, id);
  }
  throw new StillwattError('INTERNAL', 'this procedure names nothing that has a project');
}

async function roleIn(services: Services, caller: Caller, projectId: string): Promise<Role | null> {
  if (caller.type === 'key') return caller.projectId === projectId ? caller.role : null;
  return caller.type === 'user' ? services.db.members.role(caller.id, projectId) : null;
}
