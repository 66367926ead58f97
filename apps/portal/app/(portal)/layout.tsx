// Everything behind sign-in stands in the frame.
import { type ReactNode, Suspense } from 'react';
import { Frame } from '../../features/frame/frame.tsx';

export default function PortalLayout({ children }: { children: ReactNode }) {
  return (
    <Frame>
      <Suspense>{children}</Suspense>
    </Frame>
  );
}
