import {
  type CommandDefinition,
  type CommandParts,
  decodeHeader,
  type HeaderOf,
  type HeaderSchema,
  type RemotingCommand,
  ResponseCode,
  responseOf,
} from '../protocol/index.ts';

/** Answers one decoded request that came on `channel`. */
export type Handler = (request: RemotingCommand, channel: object) => RemotingCommand;

/** The handler of one command, with its header read as the command's definition says. */
export const handle = <Q extends HeaderSchema>(
  command: CommandDefinition<Q>,
  run: (header: HeaderOf<Q>, request: RemotingCommand, channel: object) => RemotingCommand,
): readonly [code: number, handler: Handler] => [
  command.code,
  (request, channel) => run(decodeHeader(command.request, request.extFields), request, channel),
];

/** An answer that all went well. */
export const success = (parts?: CommandParts): RemotingCommand =>
  responseOf(ResponseCode.SUCCESS, parts);
