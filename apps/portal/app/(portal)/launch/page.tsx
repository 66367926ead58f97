// Launching an experiment.
import type { Metadata } from 'next';
import { LaunchPage } from '../../../features/launch/launch-page.tsx';

export const metadata: Metadata = { title: 'Launch' };

export default function Page() {
  return <LaunchPage />;
}
