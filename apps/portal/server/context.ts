// What every call knows: the services, who calls, and the id under which the log has it.
import { randomUUID } from 'node:crypto';
import { isStillwattError, type Role, StillwattError } from '@stillwatt/contracts';
import { findKey } from './api-keys.ts';
import type { Services } from './services.ts';

export type Caller =
  | { type: 'nobody' }
  | { type: 'user'; id: string; name: string; email: string }
  /** `userId`: who made the key, null for the demo's. */
  | { type: 'key'; id: string; projectId: string; role: Role; userId: string | null };

export interface Context {
  services: Services;
  requestId: string;
  /** Address of the caller as the nearest proxy saw it. */
  ip: string;
  caller: Caller;
  /** Why the call is refused whatever it asks for: a wrong key, a foreign page, no database to ask. */
  refusal: StillwattError | null;
  headers: Headers;
  /** `Set-Cookie` headers of the answer. */
  setCookies: string[];
}

/** Never throws: the procedure answers with `refusal`, in the shape of its protocol, and logs it. */
export async function createContext(services: Services, request: Request): Promise<Context> {
  const { headers, method } = request;
  const context: Context = {
    services,
    requestId: randomUUID(),
    ip: headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown',
    caller: { type: 'nobody' },
    refusal: null,
    headers,
    setCookies: [],
  };
  try {
    if (method !== 'GET' && method !== 'HEAD') refuseForeignPage(services.env.url, headers);
    context.caller = await identify(context);
  } catch (error) {
    context.refusal = isStillwattError(error)
      ? error
      : new StillwattError('INTERNAL', 'nobody can tell who calls', { cause: error });
  }
  return context;
}

/** The caller's name in rate limits. */
export function callerKey({ caller, ip }: Pick<Context, 'caller' | 'ip'>): string {
  return caller.type === 'nobody' ? `ip ${ip}` : `${caller.type} ${caller.id}`;
}

/** The person behind a call: who is signed in, or who made the key. */
export function personId(caller: Caller): string | null {
  if (caller.type === 'user') return caller.id;
  return caller.type === 'key' ? caller.userId : null;
}

async function identify({ services, headers, setCookies }: Context): Promise<Caller> {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const key = await findKey(services.db, authorization);
    return {
      type: 'key',
      id: key.id,
      projectId: key.projectId,
      role: key.role,
      userId: key.createdBy,
    };
  }
  if (!headers.has('cookie')) return { type: 'nobody' };
  const session = await services.auth.session(headers);
  if (session === null) return { type: 'nobody' };
  setCookies.push(...session.cookies);
  return { type: 'user', ...session.person };
}

/** A browser sends cookies along from any page; only our own pages may change things with them. */
function refuseForeignPage(url: string, headers: Headers): void {
  if (!headers.has('cookie') || headers.has('authorization')) return;
  const origin = headers.get('origin');
  const ours =
    origin === null
      ? headers.get('sec-fetch-site') === 'same-origin'
      : origin === new URL(url).origin;
  if (ours) return;
  throw new StillwattError('FORBIDDEN', 'this call comes from a page of another site', {
    fix: `open the portal under ${url}, or call the API with a key instead of cookies`,
  });
}
