// /metrics and /healthz on loopback.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { StillwattError } from '@stillwatt/contracts';
import type { Registry } from 'prom-client';

export interface Endpoints {
  address: string;
  close(): Promise<void>;
}

const text = 'text/plain; charset=utf-8';

type Answer = [status: number, type: string, body: string];

/** `isHealthy` decides between 200 and 503. Port 0 means any. */
export async function serveEndpoints(
  port: number,
  registry: Registry,
  isHealthy: () => boolean,
): Promise<Endpoints> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/')
      .catch((error: unknown): Answer => [500, text, `${String(error)}\n`])
      .then(([status, type, body]) => {
        response.writeHead(status, { 'content-type': type }).end(body);
      });
  });

  async function answer(url: string): Promise<Answer> {
    if (url === '/metrics') return [200, registry.contentType, await registry.metrics()];
    if (url === '/healthz') return isHealthy() ? [200, text, 'ok\n'] : [503, text, 'not ready\n'];
    return [404, text, 'only /metrics and /healthz are here\n'];
  }

  await listen(server, port);
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return {
    address: `http://127.0.0.1:${actual}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new StillwattError('PORT_TAKEN', `port ${port} for the host's metrics is in use`, {
      fix: 'choose another STILLWATT_METRICS_PORT, or 0 for any free one',
      cause,
    });
  }
}
