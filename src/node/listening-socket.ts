import { fstatSync } from 'node:fs';
import { createServer } from 'node:net';
import { closeDescriptor, duplicateDescriptor } from '../storage/index.ts';
import type { ListenAt } from '../transport/index.ts';

/**
 * A listening socket owned by the root thread, which accepts nothing itself: each thread that serves it gets a
 * duplicate, so that while a thread is replaced new connections wait in the kernel's queue instead of being refused.
 */
export interface ListeningSocket {
  readonly host: string;
  readonly port: number;
  /** What the next thread of `owner` listens on, one of several that serve; a descriptor is used up by it. */
  share(owner?: string): ListenAt;
  /**
   * Closes descriptors that were shared with `owner` and never listened on, which would keep the port bound with nobody
   * behind it: their thread died in its start. Call it once every thread of that owner is gone.
   */
  reclaim(owner?: string): void;
  close(): void;
}

const descriptorOf = (server: object): number => {
  // net.Server has no public way to its descriptor; libuv's handle has had this field since Node 0.x.
  const handle: unknown = Reflect.get(server, '_handle');
  const fd: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : -1;
  return typeof fd === 'number' ? fd : -1;
};

/**
 * Binds `host:port` (port 0: a free one).
 * @throws what the operating system says, such as EADDRINUSE
 */
export const bindSocket = (host: string, port: number): Promise<ListeningSocket> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      try {
        const fd = duplicateDescriptor(descriptorOf(server));
        resolve(fd === undefined ? addressOnly(host, bound) : descriptorBacked(host, bound, fd));
      } catch (error) {
        reject(error); // No descriptor was left for the duplicate.
      } finally {
        server.close();
      }
    });
  });

const descriptorBacked = (host: string, port: number, fd: number): ListeningSocket => {
  /** Owners by descriptor. */
  const shared = new Map<number, string>();
  return {
    host,
    port,
    share(owner = '') {
      const duplicate = duplicateDescriptor(fd);
      if (duplicate === undefined) return { host, port };
      shared.set(duplicate, owner); // Whoever had the number before has closed it.
      return { fd: duplicate };
    },
    reclaim(owner = '') {
      for (const [duplicate, other] of shared) {
        if (other !== owner) continue;
        shared.delete(duplicate);
        // One that was listened on is closed, and its number may be someone else's by now.
        if (isSameFile(duplicate, fd)) closeDescriptor(duplicate);
      }
    },
    close: () => closeDescriptor(fd),
  };
};

const isSameFile = (first: number, second: number): boolean => {
  try {
    const [one, other] = [fstatSync(first), fstatSync(second)];
    return one.ino === other.ino && one.dev === other.dev;
  } catch {
    return false; // EBADF: it is closed.
  }
};

/** Where descriptors cannot be duplicated each serving thread binds the port itself. */
const addressOnly = (host: string, port: number): ListeningSocket => ({
  host,
  port,
  share: () => ({ host, port }),
  reclaim: () => undefined,
  close: () => undefined,
});
