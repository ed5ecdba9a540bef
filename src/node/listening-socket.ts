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
  /** What the next serving thread listens on; a descriptor is used up by it. */
  share(): ListenAt;
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
      const fd = duplicateDescriptor(descriptorOf(server));
      server.close();
      resolve(fd === undefined ? addressOnly(host, bound) : descriptorBacked(host, bound, fd));
    });
  });

const descriptorBacked = (host: string, port: number, fd: number): ListeningSocket => ({
  host,
  port,
  share() {
    const duplicate = duplicateDescriptor(fd);
    return duplicate === undefined ? { host, port } : { fd: duplicate };
  },
  close: () => closeDescriptor(fd),
});

/** Where descriptors cannot be duplicated each serving thread binds the port itself. */
const addressOnly = (host: string, port: number): ListeningSocket => ({
  host,
  port,
  share: () => ({ host, port }),
  close: () => undefined,
});
