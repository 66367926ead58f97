// What procedures share: access, paging, and the ids they name.
import { z } from 'zod';
import { idSchema } from '../../names.ts';

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

export const ok = z.strictObject({ ok: z.literal(true) });
export const project = { projectId: idSchema('project') };
export const run = { runId: idSchema('run') };
export const sweep = { sweepId: idSchema('sweep') };
export const schedule = { scheduleId: idSchema('schedule') };
/** An experiment as YAML text or as a decoded value; checked by checkExperiment, whose issues are the answer. */
export const spec = z.union([z.string().max(200_000), z.record(z.string(), z.unknown())]);
export const launched = z.strictObject({
  runId: idSchema('run').nullable(),
  sweepId: idSchema('sweep').nullable(),
  url: z.string(),
});
export const page = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
};

export function list<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}
