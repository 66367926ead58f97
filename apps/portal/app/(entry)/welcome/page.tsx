// The first administrator.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { Welcome } from '../../../features/entry/welcome.tsx';

// The token in the address must not leave in a Referer.
export const metadata: Metadata = { title: 'Welcome', referrer: 'no-referrer' };

export default function WelcomePage() {
  return (
    <Suspense>
      <Welcome />
    </Suspense>
  );
}
