import { errorMessage } from '../base/index.ts';
import {
  type CommandDefinition,
  decodeHeader,
  encodeHeader,
  type HeaderOf,
  type HeaderSchema,
  type RemotingCommand,
  ResponseCode,
  requestOf,
} from '../protocol/index.ts';
import { oneway, type RequestBounds, refusal, request } from './call.ts';
import type { Channel } from './channel.ts';
import { ClientError } from './errors.ts';

/** A typed answer. */
export interface Answer<S extends HeaderSchema> {
  readonly code: number;
  readonly header: HeaderOf<S>;
  readonly body: Buffer;
}

const NO_BODY = Buffer.alloc(0);
const SUCCESS_ONLY: ReadonlySet<number> = new Set([ResponseCode.SUCCESS]);

/** Calls commands by their definitions over one channel. */
export class Remote {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * Calls `command`; `accepted` are the response codes that count as answers (default SUCCESS).
   * @throws {ClientError} REFUSED or BUSY for any other code, and what `request` throws
   */
  async call<Q extends HeaderSchema, S extends HeaderSchema>(
    command: CommandDefinition<Q, S>,
    address: string,
    header: HeaderOf<Q>,
    bounds: RequestBounds,
    body?: Buffer,
    accepted: ReadonlySet<number> = SUCCESS_ONLY,
  ): Promise<Answer<S>> {
    const sent = commandOf(command, header, body);
    const response = await request(this.#channel, address, sent, bounds);
    if (!accepted.has(response.code)) throw refusal(address, response);
    return {
      code: response.code,
      header: understood(address, () => decodeHeader(command.response, response.extFields)),
      body: response.body ?? NO_BODY,
    };
  }

  /** Sends `command` without waiting for an answer. */
  tell<Q extends HeaderSchema>(
    command: CommandDefinition<Q>,
    address: string,
    header: HeaderOf<Q>,
    body?: Buffer,
    signal?: AbortSignal,
  ): Promise<void> {
    return oneway(this.#channel, address, commandOf(command, header, body), signal);
  }
}

const commandOf = <Q extends HeaderSchema>(
  command: CommandDefinition<Q>,
  header: HeaderOf<Q>,
  body: Buffer | undefined,
): RemotingCommand =>
  requestOf(command.code, { extFields: encodeHeader(command.request, header), body });

/**
 * Runs a decoder over what a server sent.
 * @throws {ClientError} BAD_RESPONSE
 */
export const understood = <T>(address: string, decode: () => T): T => {
  try {
    return decode();
  } catch (error) {
    const text = `the answer of ${address} makes no sense: ${errorMessage(error)}`;
    throw new ClientError('BAD_RESPONSE', text, { address }, error);
  }
};
