// Answers outside tRPC: errors as bodies with their status, and bodies of requests kept within bounds.
import { randomUUID } from 'node:crypto';
import { errorCodes, StillwattError } from '@stillwatt/contracts';
import type { Logger } from 'pino';
import { publicBody } from '../errors.ts';

/** A spec of 200,000 characters, escaped at worst, and what stands around it. */
const maxBodyBytes = 1_500_000;

/** The error as JSON; a fault of the server goes to the log in full. */
export function errorAnswer(
  error: unknown,
  log: Logger,
  requestId: string = randomUUID(),
): Response {
  const body = publicBody(error, requestId);
  const status = errorCodes[body.code];
  if (status >= 500) log.error({ err: error, requestId }, 'request failed');
  return Response.json(body, { status, headers: { ...noStore, [requestHeader]: requestId } });
}

/** Under this id the log has the call. */
export const requestHeader = 'X-Request-Id';
export const noStore = { 'Cache-Control': 'no-store' } as const;

/** The answer, with what the browser shall keep. */
export function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}

/** The request with its body read. @throws StillwattError INPUT_INVALID if it is too large. */
export async function boundedRequest(request: Request): Promise<Request> {
  if (request.body === null) return request;
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > maxBodyBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body: Buffer.concat(chunks) });
}

function tooLarge(): StillwattError {
  return new StillwattError('INPUT_INVALID', `the body is larger than ${maxBodyBytes} bytes`, {
    fix: 'send less at once',
  });
}
