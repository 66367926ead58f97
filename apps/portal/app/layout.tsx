// The document: fonts, theme and rail as this browser remembers them, and the providers of every page.
import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import '../ui/tokens.css';
import '../ui/base.css';
import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';
import { ApiProvider } from '../server/client.tsx';
import { preferenceNames, toTheme } from '../ui/preferences.ts';
import { TipProvider } from '../ui/tip.tsx';
import { ToastProvider } from '../ui/toast.tsx';

export const metadata: Metadata = {
  title: { default: 'Stillwatt', template: '%s · Stillwatt' },
  description: 'Make language models cheap to run on CPUs, with numbers you can defend.',
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  width: 'device-width',
  initialScale: 1,
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const kept = await cookies();
  const theme = toTheme(kept.get(preferenceNames.theme)?.value);
  const rail = kept.get(preferenceNames.rail)?.value === 'narrow' ? 'narrow' : 'wide';
  return (
    <html
      lang="en"
      data-theme={theme === 'system' ? undefined : theme}
      data-rail={rail}
      suppressHydrationWarning
    >
      <body>
        <NuqsAdapter>
          <ApiProvider>
            <TipProvider>
              <ToastProvider>{children}</ToastProvider>
            </TipProvider>
          </ApiProvider>
        </NuqsAdapter>
      </body>
    </html>
  );
}
