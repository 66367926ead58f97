// What a new account must have, and where sign-in leads.

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

/** Where to go after sign-in: only to a path of this site, never to another host. */
export function nextPath(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next)) return '/runs';
  return next;
}
