// What a new account must have, where sign-in leads, and why it did not.
import type { Fault } from '../../ui/notice.tsx';

export interface Account {
  name: string;
  email: string;
  password: string;
}

/** What is wrong, per field, in words. */
export function accountIssues(account: Account): Partial<Record<keyof Account, string>> {
  const issues: Partial<Record<keyof Account, string>> = {};
  if (account.name.trim() === '') issues.name = 'Write your name, as others will see it.';
  if (!/^\S+@\S+\.\S+$/.test(account.email.trim())) {
    issues.email = 'Write an e-mail address, such as ada@example.org.';
  }
  if (account.password.length < 10) {
    issues.password = `Use at least 10 characters; this has ${account.password.length}.`;
  }
  return issues;
}

/** @param status of the answer; 0 if there was none */
export function signInFault(status: number): Fault {
  if (status === 429) {
    return {
      code: 'RATE_LIMITED',
      message: 'Too many tries.',
      fix: 'Wait a minute, then try again.',
    };
  }
  if (status === 401 || status === 400) {
    return {
      code: 'UNAUTHENTICATED',
      message: 'No account has this e-mail and password.',
      fix: 'Check both, and whether Caps Lock is on.',
    };
  }
  if (status === 403) {
    return {
      code: 'FORBIDDEN',
      message: 'The portal takes no sign-in under this address.',
      fix: 'Open it under its own address, which it printed when it started: localhost and 127.0.0.1 are two.',
    };
  }
  return {
    code: 'UNAVAILABLE',
    message: 'The server did not answer.',
    fix: 'Try again in a moment.',
  };
}

/** Where to go after sign-in: only to a path of this site, never to another host. */
export function nextPath(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next)) return '/runs';
  return next;
}
