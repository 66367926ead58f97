// better-auth's endpoints, with our limits in front of those that take a password.
import { StillwattError } from '@stillwatt/contracts';
import type { Services } from '../services.ts';
import { boundedRequest, errorAnswer } from './answer.ts';

export async function handleAuth(services: Services, request: Request): Promise<Response> {
  try {
    const bounded = await boundedRequest(request);
    if (request.method !== 'GET') {
      const ip = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown';
      const signIn = new URL(request.url).pathname.startsWith('/api/auth/sign-in/');
      take(services, signIn ? 'signIn' : 'mutation', `ip ${ip}`);
      if (signIn) take(services, 'signIn', `account ${await accountOf(bounded)}`);
    }
    return await services.auth.handle(bounded);
  } catch (error) {
    return errorAnswer(error, services.log);
  }
}

function take({ limiter }: Services, name: 'signIn' | 'mutation', who: string): void {
  const wait = limiter.take(name, who);
  if (wait === 0) return;
  throw new StillwattError('RATE_LIMITED', 'too many tries', {
    fix: `wait ${wait} s`,
    retryable: true,
  });
}

async function accountOf(request: Request): Promise<string> {
  const text = await request.clone().text();
  try {
    const { email } = JSON.parse(text) as { email?: unknown };
    return typeof email === 'string' ? email.toLowerCase().slice(0, 200) : '';
  } catch {
    return '';
  }
}
