import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which the kernel hands out ports for outgoing connections (32768 and up on Linux).
const PORT_MIN = 12_000;
const PORT_MAX = 32_000;
const TRIES_MAX = 200;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0' }, () => server.close(() => resolve(true)));
  });

/** A port that is free now together with its neighbours at `offsets` (a broker also takes port − 2 and port + 1). */
export const freePort = async (offsets: readonly number[] = [0]): Promise<number> => {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    const free = await Promise.all(offsets.map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no free ports found in ${TRIES_MAX} tries`);
};
