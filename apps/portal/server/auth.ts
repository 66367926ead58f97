// Accounts and sessions by better-auth, with sign-up closed: accounts come from the set-up token or an invitation.
import { randomBytes } from 'node:crypto';
import { makeId, StillwattError } from '@stillwatt/contracts';
import { type Database, translateError } from '@stillwatt/db';
import { betterAuth } from 'better-auth';
import type { Logger } from 'pino';
import type { Env } from './env.ts';

export interface NewAccount {
  name: string;
  email: string;
  password: string;
}

export interface Auth {
  /** Answers /api/auth/*. */
  handle(request: Request): Promise<Response>;
  /** Who is signed in by these cookies. @throws StillwattError if the database does not answer. */
  session(headers: Headers): Promise<SignedIn | null>;
  /** As sign-in checks it. */
  hashPassword(password: string): Promise<string>;
  /** @throws StillwattError CONFLICT if the address has an account. */
  createUser(account: NewAccount): Promise<{ id: string }>;
}

export interface SignedIn {
  person: { id: string; name: string; email: string };
  /** `Set-Cookie` headers for the answer: once a day in use a session begins anew, and its cookie with it. */
  cookies: string[];
}

const day = 24 * 60 * 60;

export function createAuth(env: Env, db: Database, log: Logger): Auth {
  const auth = betterAuth({
    appName: 'Stillwatt',
    baseURL: env.url,
    basePath: '/api/auth',
    secret: env.authSecret,
    trustedOrigins: [env.url],
    database: db.authAdapter(),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 200,
    },
    disabledPaths: ['/sign-up/email', '/request-password-reset', '/reset-password'],
    session: { expiresIn: 7 * day, updateAge: day },
    // Ours counts by account too and holds for every path that takes a secret: limiter.ts.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: {
      cookiePrefix: 'stillwatt',
      useSecureCookies: env.url.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      database: {
        generateId: ({ model }) =>
          model === 'user' ? makeId('user', randomBytes(12)) : randomBytes(16).toString('hex'),
      },
    },
    logger: {
      level: 'warn',
      log: (level, message, ...details) =>
        log[level === 'error' ? 'error' : 'warn']({ details }, message),
    },
  });

  const hashPassword = async (password: string) => (await auth.$context).password.hash(password);

  return {
    handle: (request) => auth.handler(request),
    async session(headers) {
      const found = await auth.api
        .getSession({ headers, returnHeaders: true })
        .catch((error: unknown) => {
          // better-auth wraps what the database said.
          throw translateError(error);
        });
      // Its order to forget the cookie stays here: it could meet one that signing in has just set.
      if (!found.response) return null;
      const { id, name, email } = found.response.user;
      return { person: { id, name, email }, cookies: found.headers.getSetCookie() };
    },
    hashPassword,
    async createUser({ name, email, password }) {
      const id = makeId('user', randomBytes(12));
      const passwordHash = await hashPassword(password);
      const user = { id, name, email: email.toLowerCase(), passwordHash };
      if (await db.users.create(user)) return { id };
      throw emailTaken();
    },
  };
}

function emailTaken(): StillwattError {
  return new StillwattError('CONFLICT', 'this e-mail address has an account already', {
    fix: 'sign in with it, then open the link again',
    path: 'account.email',
  });
}
