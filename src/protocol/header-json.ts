import { errorCode } from '../base/index.ts';
import { ProtocolError } from './errors.ts';
import type { ExtFields, HeaderFacts } from './header-facts.ts';
import { type JsonLimits, parseJson } from './json-read.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';
import { LANGUAGE_JAVA, LANGUAGES, languageCode, languageName } from './language.ts';

/** A header is flat; deeper values are unknown keys. The number of fields is bounded with the values. */
const HEADER_JSON_LIMITS: JsonLimits = { depthMax: 16, valuesMax: 4_096 };
/** Longer headers are read by the bounded reader only: the engine's own has no limit for what it builds. */
const NATIVE_BYTES_MAX = 64 * 1024;
const INT32_MAX = 0x7fffffff;

const malformed = (reason: string): ProtocolError =>
  new ProtocolError('HEADER_MALFORMED', `JSON header: ${reason}`, { reason });

/** An int as Java's reader takes it: a number, its text, also with a fraction of zero; absent is `0`. */
const intMember = (header: JsonObject, name: string): number => {
  const value = header[name] ?? 0;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > INT32_MAX + 1) {
    throw malformed(`"${name}" is no int`);
  }
  return number | 0;
};

const languageMember = (value: JsonValue | undefined): number => {
  if (value === undefined || value === null) return LANGUAGE_JAVA;
  if (typeof value === 'string') return languageCode(value);
  if (typeof value === 'number' && LANGUAGES[value] !== undefined) return value;
  throw malformed('"language" is unknown');
};

/** Whether an object can serve as fields as it is: the usual case. */
const isPlainText = (value: JsonObject): value is Record<string, string> => {
  for (const name in value) if (typeof value[name] !== 'string') return false;
  return !Object.hasOwn(value, '__proto__');
};

const extFieldsMember = (value: JsonValue | undefined): ExtFields | undefined => {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw malformed('"extFields" is no object');
  if (isPlainText(value)) return value;
  const fields: Record<string, string> = {};
  for (const [name, field] of Object.entries(value)) {
    // null counts as absent; what is neither text, number nor boolean is no field of any command.
    if (field === null || typeof field === 'object' || name === '__proto__') continue;
    fields[name] = String(field);
  }
  return fields;
};

const parse = (text: string): JsonValue => {
  if (text.length <= NATIVE_BYTES_MAX && !text.includes('$ref')) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // Not strict JSON: the lenient reader decides.
    }
  }
  return parseJson(text, HEADER_JSON_LIMITS);
};

/**
 * Reads a JSON header, tolerantly.
 * @throws {ProtocolError} HEADER_MALFORMED
 */
export function readJsonHeader(buffer: Buffer, start: number, end: number): HeaderFacts {
  let header: JsonValue;
  try {
    header = parse(buffer.toString('utf8', start, end));
  } catch (error) {
    if (errorCode(error) !== 'JSON_MALFORMED') throw error;
    throw new ProtocolError('HEADER_MALFORMED', 'the JSON header is malformed', {}, error);
  }
  if (!isJsonObject(header)) throw malformed('no object');
  const remark = header['remark'];
  return {
    code: intMember(header, 'code'),
    language: languageMember(header['language']),
    version: intMember(header, 'version'),
    opaque: intMember(header, 'opaque'),
    flag: intMember(header, 'flag'),
    remark: remark === undefined || remark === null ? undefined : String(remark),
    extFields: extFieldsMember(header['extFields']),
  };
}

/**
 * The JSON form of a header, members in Java's order, absent ones left out.
 * @source rocketmq 4.9.2 remoting/protocol/RemotingSerializable.java
 */
export function writeJsonHeader(header: HeaderFacts): Buffer {
  return Buffer.from(
    JSON.stringify({
      code: header.code,
      extFields: header.extFields,
      flag: header.flag,
      language: languageName(header.language),
      opaque: header.opaque,
      remark: header.remark,
      serializeTypeCurrentRPC: 'JSON',
      version: header.version,
    }),
  );
}
