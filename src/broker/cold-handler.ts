import {
  type CommandDefinition,
  decodeHeader,
  encodeHeader,
  type HeaderOf,
  type RemotingCommand,
  ResponseCode,
  responseOf,
} from '../protocol/index.ts';
import type { Peer } from '../transport/index.ts';

/** Answers one decoded request, or returns `undefined` and answers later. A `Refusal` thrown becomes the answer. */
export type ColdHandler = (request: RemotingCommand, peer: Peer) => RemotingCommand | undefined;
export type CodeAndHandler = readonly [code: number, handler: ColdHandler];

type Fields = CommandDefinition['request'];

/** What a handler answers with when all went well. */
export interface Success<S extends Fields> {
  readonly header?: HeaderOf<S>;
  readonly body?: Buffer;
}

/** The handler of one command, with headers read and written as the command's definition says. */
export const handle = <Q extends Fields, S extends Fields>(
  command: CommandDefinition<Q, S>,
  run: (header: HeaderOf<Q>, request: RemotingCommand, peer: Peer) => Success<S> | undefined,
): CodeAndHandler => [
  command.code,
  (request, peer) => {
    const { header, body } =
      run(decodeHeader(command.request, request.extFields), request, peer) ?? {};
    const extFields = header === undefined ? undefined : encodeHeader(command.response, header);
    return responseOf(ResponseCode.SUCCESS, { extFields, body });
  },
];
