import { commandByCode } from './commands/index.ts';
import { FRAME_PREFIX_BYTES, HEADER_TYPE, type HeaderType, writeFramePrefix } from './frame.ts';
import { readBinaryHeader, writeBinaryHeader } from './header-binary.ts';
import type { ExtFields, HeaderFacts } from './header-facts.ts';
import { readJsonHeader, writeJsonHeader } from './header-json.ts';
import { type Language, languageCode, languageName } from './language.ts';
import { positionalRemark, readPositionalText } from './positional.ts';
import { COMMAND_FLAG, type RequestView } from './request-view.ts';
import { ResponseCode } from './response-code.ts';
import {
  type CommandDefinition,
  encodeHeader,
  type HeaderOf,
  type HeaderSchema,
} from './schema.ts';
import { CURRENT_VERSION } from './version.ts';

/**
 * A command as an object: requests and responses off the hot path. `opaque` is set by whoever sends a request; a response
 * takes it from its request.
 */
export interface RemotingCommand {
  readonly code: number;
  readonly language: Language;
  readonly version: number;
  opaque: number;
  /** See `COMMAND_FLAG`. */
  readonly flag: number;
  /** Mostly the text of an error. */
  readonly remark?: string;
  readonly extFields?: ExtFields;
  readonly body?: Buffer;
}

/** Parts of a command its maker may give. */
export interface CommandParts {
  readonly opaque?: number;
  readonly remark?: string | undefined;
  readonly extFields?: ExtFields | undefined;
  readonly body?: Buffer | undefined;
}

const create = (code: number, flag: number, parts: CommandParts): RemotingCommand => ({
  code,
  language: 'JAVA',
  version: CURRENT_VERSION,
  opaque: parts.opaque ?? 0,
  flag,
  ...(parts.remark === undefined ? {} : { remark: parts.remark }),
  ...(parts.extFields === undefined ? {} : { extFields: parts.extFields }),
  ...(parts.body === undefined || parts.body.length === 0 ? {} : { body: parts.body }),
});

/** A request. */
export const requestOf = (code: number, parts: CommandParts = {}): RemotingCommand =>
  create(code, 0, parts);

/** A request nobody answers. */
export const onewayOf = (code: number, parts: CommandParts = {}): RemotingCommand =>
  create(code, COMMAND_FLAG.ONEWAY, parts);

/** A response; `code` is a `ResponseCode`. */
export const responseOf = (code: number, parts: CommandParts = {}): RemotingCommand =>
  create(code, COMMAND_FLAG.RESPONSE, parts);

/** Whether a command answers another. */
export const isResponse = (command: RemotingCommand): boolean =>
  (command.flag & COMMAND_FLAG.RESPONSE) !== 0;

/** Whether a command must not be answered. */
export const isOneway = (command: RemotingCommand): boolean =>
  (command.flag & COMMAND_FLAG.ONEWAY) !== 0;

const NO_FIELDS: HeaderSchema = { fields: {}, plan: [] };

const factsOf = (command: RemotingCommand): HeaderFacts => ({
  code: command.code,
  language: languageCode(command.language),
  version: command.version,
  opaque: command.opaque,
  flag: command.flag,
  remark: command.remark,
  extFields: command.extFields,
});

/**
 * Everything of a command's frame but its body, for writers that send the body from where it is. A positional header needs
 * the definition of its fields, which an answer does not name: for POSITIONAL the frame is JSON, and whoever reads it goes
 * by the header type in the frame.
 * @throws {ProtocolError} FRAME_TOO_LONG
 */
export function encodeCommandHead(command: RemotingCommand, headerType: HeaderType): Buffer {
  const facts = factsOf(command);
  const isBinary = headerType === HEADER_TYPE.ROCKETMQ;
  const header = isBinary ? writeBinaryHeader(facts) : writeJsonHeader(facts);
  const target = Buffer.allocUnsafe(FRAME_PREFIX_BYTES + header.length);
  const written = isBinary ? HEADER_TYPE.ROCKETMQ : HEADER_TYPE.JSON;
  writeFramePrefix(target, 0, written, header.length, command.body?.length ?? 0);
  target.set(header, FRAME_PREFIX_BYTES);
  return target;
}

/**
 * A command's whole frame.
 * @throws {ProtocolError} FRAME_TOO_LONG
 */
export function encodeCommand(
  command: RemotingCommand,
  headerType: HeaderType = HEADER_TYPE.JSON,
): Buffer {
  const head = encodeCommandHead(command, headerType);
  return command.body === undefined ? head : Buffer.concat([head, command.body]);
}

/** The fields of a positional response are left out where nobody says which they are. */
const readPositionalFacts = (
  view: RequestView,
  response: HeaderSchema | undefined,
): HeaderFacts => {
  const { code, language, version, opaque, flag } = view;
  const schema = view.isResponse ? response : (commandByCode(code)?.request ?? NO_FIELDS);
  const extFields = schema === undefined ? undefined : readPositionalText(schema, view);
  return { code, language, version, opaque, flag, remark: positionalRemark(view), extFields };
};

const readFacts = (view: RequestView, response: HeaderSchema | undefined): HeaderFacts => {
  switch (view.headerType) {
    case HEADER_TYPE.JSON:
      return readJsonHeader(view.buffer, view.headerStart, view.headerEnd);
    case HEADER_TYPE.ROCKETMQ:
      return readBinaryHeader(view.buffer, view.headerStart, view.headerEnd);
    default:
      return readPositionalFacts(view, response);
  }
};

/**
 * The command in a scanned frame, as an object of its own: nothing in it refers to the frame's buffer but `body`, which is
 * a copy only when `isBodyCopied`. `response` says which fields a positional response has; without it they are left out.
 * @throws {ProtocolError} HEADER_MALFORMED
 */
export function decodeCommand(
  view: RequestView,
  isBodyCopied = true,
  response?: HeaderSchema,
): RemotingCommand {
  const { buffer, bodyStart, bodyEnd } = view;
  const facts = readFacts(view, response);
  const body = buffer.subarray(bodyStart, bodyEnd);
  return {
    code: facts.code,
    language: languageName(facts.language),
    version: facts.version,
    opaque: facts.opaque,
    flag: facts.flag,
    ...(facts.remark === undefined ? {} : { remark: facts.remark }),
    ...(facts.extFields === undefined ? {} : { extFields: facts.extFields }),
    ...(body.length === 0 ? {} : { body: isBodyCopied ? Buffer.from(body) : body }),
  };
}

/** A request with a typed header, as its command defines it. */
export const requestCommand = <Q extends HeaderSchema>(
  command: CommandDefinition<Q>,
  header: HeaderOf<Q>,
  parts: CommandParts = {},
): RemotingCommand =>
  requestOf(command.code, { ...parts, extFields: encodeHeader(command.request, header) });

/** A successful response with a typed header, as its command defines it. */
export const responseCommand = <Q extends HeaderSchema, S extends HeaderSchema>(
  command: CommandDefinition<Q, S>,
  header: HeaderOf<S>,
  parts: CommandParts = {},
): RemotingCommand =>
  responseOf(ResponseCode.SUCCESS, {
    ...parts,
    extFields: { ...encodeHeader(command.response, header), ...parts.extFields },
  });
