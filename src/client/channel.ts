import type { BodyReader } from '../base/index.ts';
import {
  type CommandDefinition,
  decodeCommand,
  encodeHeader,
  type HeaderOf,
  type HeaderSchema,
  type RemotingCommand,
  requestOf,
} from '../protocol/index.ts';
import { type CallDone, RemotingClient } from '../transport/index.ts';
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
  /**
   * Calls a command. `header` is read before it returns and not kept. `done` gets the frame of the answer, which is valid
   * during the call only, or an error; an answer with an error code is an answer.
   */
  call<Q extends HeaderSchema, S extends HeaderSchema>(
    definition: CommandDefinition<Q, S>,
    address: string,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
    timeoutMs: number,
    done: CallDone,
  ): void;
  /** Sends a command without an answer; `header` as for `call`; `done` says that it is on its way, or lost. */
  oneway<Q extends HeaderSchema>(
    definition: CommandDefinition<Q>,
    address: string,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
    done: (error?: Error) => void,
  ): void;
  /**
   * Reads the log of the broker at `address`: for channels whose pulls are answered with addresses, which those with a
   * positional header are.
   */
  bodiesOf?(address: string): BodyReader | undefined;
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
  const client = new RemotingClient({
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
  return {
    call(definition, address, header, body, timeoutMs, done) {
      client.call(definition, address, header, body, timeoutMs, done);
    },
    oneway(definition, address, header, body, done) {
      const extFields = encodeHeader(definition.request, header);
      client.oneway(address, requestOf(definition.code, { extFields, body }), done);
    },
    close: () => client.close(),
  };
};
