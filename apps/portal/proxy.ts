// Security headers that differ by response: the content policy with its nonce, and HSTS under https.
import { type NextRequest, NextResponse } from 'next/server';
import { isDevelopment, isHttps } from './server/env.ts';

export const config = { matcher: ['/((?!_next/static|favicon.ico).*)'] };

export function proxy(request: NextRequest): NextResponse {
  const https = isHttps();
  const api = request.nextUrl.pathname.startsWith('/api/');
  const nonce = Buffer.from(crypto.randomUUID()).toString('base64');
  const policy = api ? "default-src 'none'; frame-ancestors 'none'" : pagePolicy(nonce, https);
  const headers = new Headers(request.headers);
  // Next.js reads the nonce from the policy of the request and puts it on its own scripts.
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  if (https) {
    response.headers.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
  }
  return response;
}

function pagePolicy(nonce: string, https: boolean): string {
  // React's development build evaluates text to show server stacks.
  const development = isDevelopment() ? " 'unsafe-eval'" : '';
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development}`,
    // Charts and editor set sizes and colours as style attributes, which no nonce covers.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(https ? ['upgrade-insecure-requests'] : []),
  ].join('; ');
}
