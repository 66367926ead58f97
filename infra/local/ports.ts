// Free ports on loopback, the same as last time where they are still free.
import { createServer } from 'node:net';
import { StillwattError } from '@stillwatt/contracts';

export const loopback = '127.0.0.1';

/**
 * A port for each name. A wished one that is taken is an error; a remembered one that is taken is
 * replaced by one the system chooses.
 */
export async function choosePorts(
  names: readonly string[],
  remembered: Readonly<Record<string, number>>,
  wished: Readonly<Record<string, number>> = {},
): Promise<Record<string, number>> {
  const held: (() => Promise<void>)[] = [];
  const chosen: Record<string, number> = {};
  try {
    for (const name of names) {
      const port = wished[name] ?? remembered[name] ?? 0;
      const taken = await hold(port);
      if (!taken && wished[name] !== undefined) throw portTaken(port);
      const got = taken ?? (await hold(0));
      if (!got) throw new StillwattError('UNAVAILABLE', `no free port for ${name} on ${loopback}`);
      held.push(got.release);
      chosen[name] = got.port;
    }
  } finally {
    // held until all are chosen, so that no two parts get the same
    await Promise.all(held.map((release) => release()));
  }
  return chosen;
}

function portTaken(port: number): StillwattError {
  return new StillwattError('PORT_TAKEN', `port ${port} is in use`, {
    fix: `stop the program that listens there (ss -ltnp 'sport = :${port}'), or choose another port`,
  });
}

interface Held {
  port: number;
  release: () => Promise<void>;
}

/** Listens on a port to see that it is free; null if it is not. 0 means any. */
function hold(port: number): Promise<Held | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : port;
      resolve({ port: got, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
