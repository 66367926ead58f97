// Next.js: what is bundled, what stays a plain Node.js package, and the headers that never change.
import path from 'node:path';
import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  // `npm run check` does it, with the same settings; a build on a user's machine need not.
  typescript: { ignoreBuildErrors: true },
  // An event stream must leave at once, and compression would hold it back.
  compress: false,
  transpilePackages: [
    '@stillwatt/artifacts',
    '@stillwatt/contracts',
    '@stillwatt/db',
    '@stillwatt/search',
    '@stillwatt/statistics',
  ],
  serverExternalPackages: [
    '@prisma/client',
    '@prisma/adapter-pg',
    '@temporalio/client',
    'better-auth',
    'pg',
    'pino',
    'prom-client',
  ],
  turbopack: { root: path.join(import.meta.dirname, '../..') },
  outputFileTracingRoot: path.join(import.meta.dirname, '../..'),
  headers: async () => [
    {
      source: '/(.*)',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
        { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
        { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
      ],
    },
  ],
};

export default config;
