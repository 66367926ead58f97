// Signing in and out in the browser, by better-auth.
import { createAuthClient } from 'better-auth/react';

const authClient = createAuthClient({ basePath: '/api/auth' });

/** Never throws: a server that does not answer has status 0. */
export async function signIn(account: {
  email: string;
  password: string;
}): Promise<{ error: { status: number } | null }> {
  try {
    return await authClient.signIn.email(account);
  } catch {
    return { error: { status: 0 } };
  }
}

/** Leads to the sign-in page by a full load, so that nothing of the old session stays in memory. */
export async function signOut(): Promise<void> {
  await authClient.signOut();
  window.location.assign('/sign-in');
}
