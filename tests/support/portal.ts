// The portal's server over a real PostgreSQL, called through its HTTP handlers; Temporal if the test brings it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type ProcedureInput,
  type ProcedureName,
  type ProcedureOutput,
  procedures,
  restBase,
} from '@stillwatt/contracts';
import { migrate } from '@stillwatt/db/migrate';
import { handleAuth } from '../../apps/portal/server/http/auth.ts';
import { handleRest } from '../../apps/portal/server/http/rest.ts';
import { handleTrpc } from '../../apps/portal/server/http/trpc.ts';
import { createServices, type Services } from '../../apps/portal/server/services.ts';
import { toRequest } from '../../infra/local/api-client.ts';
import { startPostgres } from './postgres.ts';

export const portalUrl = 'http://portal.test';
export const adminToken = 'a-one-time-token-for-tests';

/** Who calls: nobody, a browser with cookies, or a program with a key. */
export type As = { cookie?: string; key?: string };

export interface Answer<T = unknown> {
  status: number;
  body: T;
}

export interface TestPortal {
  services: Services;
  /** Over REST, as the CLI does. */
  rest<N extends ProcedureName>(
    name: N,
    input: ProcedureInput<N>,
    as?: As,
  ): Promise<Answer<ProcedureOutput<N>>>;
  /** Over tRPC, as the pages do: a failed call has `{code, message, …}` as its body, too. */
  trpc<N extends ProcedureName>(
    name: N,
    input: ProcedureInput<N>,
    as?: As,
  ): Promise<Answer<ProcedureOutput<N>>>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Signs in; answers with the cookies. @throws if it is refused. */
  signIn(email: string, password: string): Promise<As>;
  stop(): Promise<void>;
}

export async function startPortal(options: { temporalAddress?: string } = {}): Promise<TestPortal> {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  await migrate({ url: databaseUrl });
  const artifacts = await mkdtemp(path.join(tmpdir(), 'stillwatt-artifacts-'));
  const services = createServices({
    databaseUrl,
    // Port 9 (discard) answers to nobody: calls to Temporal fail as they do when it is down.
    temporalAddress: options.temporalAddress ?? '127.0.0.1:9',
    artifacts,
    url: portalUrl,
    authSecret: 'a secret of more than thirty-two characters',
    adminToken,
    metricsToken: undefined,
    logLevel: 'silent',
  });
  // Tests call more often in a second than people do in a minute; limiter.test.ts has the limits.
  services.limiter.take = () => 0;

  async function fetchPortal(pathname: string, init: RequestInit = {}): Promise<Response> {
    const request = new Request(`${portalUrl}${pathname}`, init);
    if (pathname.startsWith('/api/trpc/')) return handleTrpc(services, request);
    if (pathname.startsWith('/api/auth/')) return handleAuth(services, request);
    return handleRest(services, request);
  }

  return {
    services,
    fetch: fetchPortal,
    async rest(name, input, as = {}) {
      const { path: pathname, method, body } = toRequest(procedures[name], input);
      const response = await fetchPortal(`${restBase}${pathname}`, {
        method,
        headers: headersOf(as),
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.status, body: (await response.json()) as never };
    },
    async trpc(name, input, as = {}) {
      const response = await fetchPortal(`/api/trpc/${name}`, {
        method: 'POST',
        headers: headersOf(as),
        body: JSON.stringify(input),
      });
      const answer = (await response.json()) as {
        result?: { data: unknown };
        error?: { data: { error: unknown } };
      };
      const body = answer.result ? answer.result.data : answer.error?.data.error;
      return { status: response.status, body: body as never };
    },
    async signIn(email, password) {
      const response = await fetchPortal('/api/auth/sign-in/email', {
        method: 'POST',
        headers: headersOf({}),
        body: JSON.stringify({ email, password }),
      });
      if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
      const cookies = response.headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
      return { cookie: cookies.join('; ') };
    },
    async stop() {
      await services.close();
      await postgres.stop();
      await rm(artifacts, { recursive: true, force: true });
    },
  };
}

function headersOf({ cookie, key }: As): Record<string, string> {
  return {
    'content-type': 'application/json',
    origin: portalUrl,
    ...(cookie === undefined ? {} : { cookie }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
}
