import type { Network, Socket } from '../../base/index.ts';
import { formatAddress } from '../address.ts';
import { TransportError } from '../transport-error.ts';
import { clientPortNumber } from './client-port.ts';
import type { RingHub } from './ring-hub.ts';
import type { RingPair } from './ring-pair.ts';
import { RingSocket } from './ring-socket.ts';

/** This thread's address as servers see it. */
const HOST = '127.0.0.1';

type Ready = (error: Error | undefined, socket?: Socket) => void;

/**
 * A network on which addresses of this process are reached through rings, all others by `fallback`. A server that is not
 * there yet is waited for, as long as a connection may take.
 */
export function ringNetwork(
  hub: RingHub,
  pairsByAddress: ReadonlyMap<string, RingPair>,
  fallback: Network,
): Network {
  return {
    listen: (at, onSocket, ready) => fallback.listen(at, onSocket, ready),
    connect(to, ready) {
      const pair = pairsByAddress.get(formatAddress(to));
      if (pair === undefined) fallback.connect(to, ready);
      else connect(hub, pair, to, ready);
    },
  };
}

function connect(
  hub: RingHub,
  pair: RingPair,
  to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  ready: Ready,
): void {
  const { scheduler } = hub;
  const port = hub.use(pair);
  const fail = (cause?: Error): void => {
    const address = formatAddress(to);
    ready(new TransportError('CONNECT_FAILED', `nobody serves ${address}`, { address }, cause));
  };
  if (port.isAbandoned) {
    scheduler.defer(() => fail());
    return;
  }
  let isSettled = false;
  const settle = (outcome: () => void): void => {
    if (isSettled) return;
    isSettled = true;
    limit.cancel();
    scheduler.defer(outcome);
  };
  const serverEpoch = port.targetEpoch;
  const id = port.state.nextConnectionId();
  const socket = new RingSocket({
    id,
    port,
    serverEpoch,
    local: { host: HOST, port: clientPortNumber(id) },
    remote: { host: to.host, port: to.port },
    defer: (callback) => scheduler.defer(callback),
    onServed: () => settle(() => ready(undefined, socket)),
    onLost: (error) => settle(() => fail(error)),
  });
  const limit = scheduler.setTimer(to.timeoutMs, () => socket.destroy(), false);
  port.open(socket, socket.stream, to, HOST);
  if (port.isServed(serverEpoch)) socket.onServed();
}
