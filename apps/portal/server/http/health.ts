// What orchestrators and Prometheus ask: alive, ready, measured.
import type { Services } from '../services.ts';
import { sameSecret } from '../api-keys.ts';
import { noStore } from './answer.ts';

/** Ready when the database and Temporal answer. */
export async function handleReady({ db, temporal, log }: Services): Promise<Response> {
  const parts = { database: db.ping(), temporal: temporal.ping() };
  const states = await Promise.all(
    Object.entries(parts).map(async ([name, answer]) => {
      try {
        await answer;
        return [name, 'ok'] as const;
      } catch (error) {
        log.warn({ err: error }, `${name} is not ready`);
        return [name, 'unavailable'] as const;
      }
    }),
  );
  const ready = states.every(([, state]) => state === 'ok');
  const body = Object.fromEntries(states);
  return Response.json(body, { status: ready ? 200 : 503, headers: noStore });
}

/** With the token of STILLWATT_METRICS_TOKEN; without one only on a portal whose own address is loopback. */
export async function handleMetrics(services: Services, request: Request): Promise<Response> {
  const { env, metrics } = services;
  const given = request.headers.get('authorization')?.replace(/^Bearer /i, '') ?? '';
  const allowed = env.metricsToken ? sameSecret(given, env.metricsToken) : isLoopback(env.url);
  if (!allowed) return new Response('Not found\n', { status: 404, headers: noStore });
  const { registry } = metrics;
  return new Response(await registry.metrics(), {
    headers: { 'Content-Type': registry.contentType, ...noStore },
  });
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
