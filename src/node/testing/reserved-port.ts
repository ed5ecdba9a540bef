import type { Network, NetworkListener, Socket } from '../../base/index.ts';
import { tcpNetwork } from '../../transport/index.ts';

/** A port that is bound already, and a network on which its server finds it. */
export interface ReservedPort {
  readonly host: string;
  readonly port: number;
  /** Its first `listen` takes over the port; everything else is real TCP. */
  readonly network: Network;
  /** Closes the port; sockets stay. */
  close(): void;
}

/**
 * Binds a free port before its server exists, so that the server can be told its own address and nobody else can take it.
 * @throws {Error} a socket's error
 */
export const reservePort = (host: string): Promise<ReservedPort> =>
  new Promise((resolve, reject) => {
    const tcp = tcpNetwork();
    const early: Socket[] = [];
    let onSocket = (socket: Socket): void => void early.push(socket);
    const listener: NetworkListener = tcp.listen(
      { host, port: 0 },
      (socket) => onSocket(socket),
      (error, address) => {
        if (address === undefined) {
          reject(error ?? new Error(`cannot listen on ${host}`));
          return;
        }
        const network: Network = {
          connect: (to, ready) => tcp.connect(to, ready),
          listen(_at, accept, ready) {
            onSocket = accept;
            for (const socket of early.splice(0)) accept(socket);
            setImmediate(() => ready(undefined, address));
            return listener;
          },
        };
        resolve({ host, port: address.port, network, close: () => listener.close() });
      },
    );
  });

/**
 * Binds two free ports. Where the second is refused, the first is closed again.
 * @throws {Error} a socket's error
 */
export const reserveTwoPorts = async (
  host: string,
  reserve = reservePort,
): Promise<readonly [ReservedPort, ReservedPort]> => {
  const first = await reserve(host);
  try {
    return [first, await reserve(host)];
  } catch (error) {
    first.close();
    throw error;
  }
};
