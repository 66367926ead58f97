// Signing in and out in the browser, by better-auth.
import { createAuthClient } from 'better-auth/react';

/** `signIn.email({ email, password })`, `signOut()`, `useSession()`; base URL is the page's own origin. */
export const authClient = createAuthClient({ basePath: '/api/auth' });
