import { decodeCommand, type RemotingCommand } from '../protocol/index.ts';
import { RemotingClient } from '../transport/index.ts';
import type { ClientEnvironment } from './environment.ts';

/** A request the server made; one that expects an answer gets it through `reply`. */
export type ServerRequest = (
  command: RemotingCommand,
  address: string,
  reply: (answer: RemotingCommand) => void,
) => void;

/**
 * How a client speaks to servers: TCP connections, or another transport that carries the same commands.
 * C1: each `done` is called exactly once, in a later turn.
 */
export interface Channel {
  request(
    address: string,
    command: RemotingCommand,
    timeoutMs: number,
    done: (error: Error | undefined, response?: RemotingCommand) => void,
  ): void;
  oneway(address: string, command: RemotingCommand, done: (error?: Error) => void): void;
  /** Fails what waits; later calls fail. */
  close(): void;
}

/** What a channel tells its owner. */
export interface ChannelEvents {
  readonly onRequest: ServerRequest;
  /** A connection is gone: what the server knew of this client through it is forgotten. */
  readonly onDisconnect: (address: string) => void;
}

/** Makes a channel. */
export type OpenChannel = (environment: ClientEnvironment, events: ChannelEvents) => Channel;

/** TCP: one connection per address, made when it is needed. */
export const openTcpChannel: OpenChannel = (environment, events) => {
  const { network, scheduler, clock, logger } = environment;
  return new RemotingClient({
    network,
    scheduler,
    clock,
    logger,
    onRequest(view, peer, address) {
      const { opaque, headerType, isOneway } = view;
      events.onRequest(decodeCommand(view), address, (answer) => {
        if (!isOneway) peer.reply(answer, { opaque, headerType });
      });
    },
    onDisconnect: (address) => events.onDisconnect(address),
  });
};
