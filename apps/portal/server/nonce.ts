// The nonce of this response, for the one inline script a page needs (the theme, before first paint).
import { headers } from 'next/headers';

/** Put it on `<script nonce={await getNonce()}>`; Next.js puts it on its own scripts by itself. */
export async function getNonce(): Promise<string> {
  return (await headers()).get('x-nonce') ?? '';
}
