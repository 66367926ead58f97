// Writes who changed what: every mutation that succeeded, once.
import type { Context } from './context.ts';
import type { Granted } from './access.ts';

/** Ids that say what a call was about, most telling first. */
const subjects = [
  'runId',
  'sweepId',
  'scheduleId',
  'commentId',
  'invitationId',
  'apiKeyId',
  'userId',
  'id',
] as const;

export async function recordAudit(
  { services, caller }: Context,
  action: string,
  granted: Granted | null,
  input: unknown,
  answer: unknown,
): Promise<void> {
  await services.db.audit.append({
    projectId: granted?.projectId ?? field(answer, 'projectId'),
    userId: caller.type === 'user' ? caller.id : null,
    apiKeyId: caller.type === 'key' ? caller.id : null,
    action,
    subject: firstOf(answer) ?? firstOf(made(answer)) ?? firstOf(input),
    detail: firstDetail(input),
  });
}

function firstOf(value: unknown): string | null {
  for (const name of subjects) {
    const id = field(value, name);
    if (id !== null) return id;
  }
  return null;
}

/** What an answer carries beside its secret: the key, the invitation. */
function made(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return null;
  return Object.values(answer).find((part) => typeof part === 'object' && part !== null) ?? null;
}

/** What an auditor asks for; never a secret, a password or the text of a spec. */
function firstDetail(input: unknown): Record<string, unknown> {
  const detail: Record<string, unknown> = {};
  for (const name of ['role', 'paused', 'name', 'cron', 'days']) {
    if (typeof input === 'object' && input !== null && name in input) {
      detail[name] = (input as Record<string, unknown>)[name];
    }
  }
  return detail;
}

function field(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const found = (value as Record<string, unknown>)[name];
  return typeof found === 'string' ? found : null;
}
