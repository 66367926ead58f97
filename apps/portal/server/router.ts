// The API: one router per noun, as the table of procedures has them.
import type { ApiRecord } from './api-type.ts';
import { apiKeysRouter } from './routers/api-keys.ts';
import { commentsRouter } from './routers/comments.ts';
import { invitationsRouter } from './routers/invitations.ts';
import { liveRouter } from './routers/live.ts';
import { meRouter } from './routers/me.ts';
import { membersRouter } from './routers/members.ts';
import { projectsRouter } from './routers/projects.ts';
import { runsRouter } from './routers/runs.ts';
import { schedulesRouter } from './routers/schedules.ts';
import { setupRouter } from './routers/setup.ts';
import { specsRouter } from './routers/specs.ts';
import { sweepsRouter } from './routers/sweeps.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  setup: setupRouter,
  me: meRouter,
  projects: projectsRouter,
  specs: specsRouter,
  runs: runsRouter,
  sweeps: sweepsRouter,
  schedules: schedulesRouter,
  comments: commentsRouter,
  members: membersRouter,
  invitations: invitationsRouter,
  apiKeys: apiKeysRouter,
  live: liveRouter,
  // Fails to compile when the server and what clients are told about it part ways.
} satisfies ApiRecord);
