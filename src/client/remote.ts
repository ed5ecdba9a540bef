import { errorMessage } from '../base/index.ts';
import {
  type CommandDefinition,
  decodeCommand,
  decodeHeader,
  HEADER_TYPE,
  type HeaderOf,
  type HeaderSchema,
  type RequestView,
  ResponseCode,
  readPositional,
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
  readonly channel: Channel;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /**
   * Calls `command`; `accepted` are the response codes that count as answers (default SUCCESS).
   * @throws {ClientError} REFUSED or BUSY for any other code, and what `request` throws
   */
  call<Q extends HeaderSchema, S extends HeaderSchema>(
    command: CommandDefinition<Q, S>,
    address: string,
    header: HeaderOf<Q>,
    bounds: RequestBounds,
    body?: Buffer,
    accepted: ReadonlySet<number> = SUCCESS_ONLY,
  ): Promise<Answer<S>> {
    return request(this.channel, { command, address, header, body }, bounds, (view) =>
      readAnswer(command.response, address, view, accepted),
    );
  }

  /** Sends `command` without waiting for an answer. */
  tell<Q extends HeaderSchema, S extends HeaderSchema>(
    command: CommandDefinition<Q, S>,
    address: string,
    header: HeaderOf<Q>,
    body?: Buffer,
    signal?: AbortSignal,
  ): Promise<void> {
    return oneway(this.channel, { command, address, header, body }, signal);
  }
}

/**
 * The answer in a frame, with a body of its own.
 * @throws {ClientError} REFUSED or BUSY for a code that is not accepted, BAD_RESPONSE
 */
export const readAnswer = <S extends HeaderSchema>(
  schema: S,
  address: string,
  view: RequestView,
  accepted: ReadonlySet<number>,
): Answer<S> => {
  const { code, bodyStart, bodyEnd } = view;
  if (!accepted.has(code)) throw refusedBy(address, view);
  return {
    code,
    header: readAnswerHeader(schema, address, view),
    body: bodyEnd > bodyStart ? Buffer.from(view.buffer.subarray(bodyStart, bodyEnd)) : NO_BODY,
  };
};

/** The error for an answer that is not what was hoped for. */
export const refusedBy = (address: string, view: RequestView): ClientError =>
  refusal(
    address,
    understood(address, () => decodeCommand(view, false)),
  );

/**
 * The header of an answer.
 * @throws {ClientError} BAD_RESPONSE
 */
export const readAnswerHeader = <S extends HeaderSchema>(
  schema: S,
  address: string,
  view: RequestView,
): HeaderOf<S> => {
  // hot path
  try {
    if (view.headerType === HEADER_TYPE.POSITIONAL) return readPositional(schema, view);
    return decodeHeader(schema, decodeCommand(view, false).extFields);
  } catch (error) {
    throw badResponse(address, error);
  }
};

/**
 * Runs a decoder over what a server sent.
 * @throws {ClientError} BAD_RESPONSE
 */
export const understood = <T>(address: string, decode: () => T): T => {
  try {
    return decode();
  } catch (error) {
    throw badResponse(address, error);
  }
};

const badResponse = (address: string, error: unknown): ClientError => {
  const text = `the answer of ${address} makes no sense: ${errorMessage(error)}`;
  return new ClientError('BAD_RESPONSE', text, { address }, error);
};
