import { readInt16BE, readInt32BE, writeInt16BE, writeInt32BE } from '../base/index.ts';
import { ProtocolError } from './errors.ts';
import type { ExtFields, HeaderFacts } from './header-facts.ts';
import { BINARY_AT, BINARY_HEADER_BYTES_MIN } from './scan-binary.ts';

const malformed = (reason: string): ProtocolError =>
  new ProtocolError('HEADER_MALFORMED', `binary header: ${reason}`, { reason });

const readFields = (buffer: Buffer, start: number, end: number): ExtFields => {
  const fields: Record<string, string> = {};
  let at = start;
  while (at < end) {
    const keyStart = at + 2;
    if (keyStart > end) throw malformed('a field name is cut');
    const valueAt = keyStart + readInt16BE(buffer, at);
    if (valueAt < keyStart || valueAt + 4 > end) throw malformed('a field name is cut');
    const valueStart = valueAt + 4;
    const valueBytes = readInt32BE(buffer, valueAt);
    if (valueBytes < 0 || valueBytes > end - valueStart) throw malformed('a field value is cut');
    at = valueStart + valueBytes;
    const name = buffer.toString('utf8', keyStart, valueAt);
    if (name !== '__proto__') fields[name] = buffer.toString('utf8', valueStart, at);
  }
  return fields;
};

/**
 * Reads a ROCKETMQ binary header.
 * @throws {ProtocolError} HEADER_MALFORMED
 */
export function readBinaryHeader(buffer: Buffer, start: number, end: number): HeaderFacts {
  if (end - start < BINARY_HEADER_BYTES_MIN) throw malformed('too short');
  const remarkBytes = Math.max(0, readInt32BE(buffer, start + BINARY_AT.remarkBytes));
  if (remarkBytes > end - start - BINARY_HEADER_BYTES_MIN) throw malformed('the remark is cut');
  const remarkStart = start + BINARY_AT.remark;
  const fieldsAt = remarkStart + remarkBytes;
  const fieldsBytes = Math.max(0, readInt32BE(buffer, fieldsAt));
  if (fieldsBytes > end - fieldsAt - 4) throw malformed('the fields are cut');
  return {
    code: readInt16BE(buffer, start + BINARY_AT.code),
    language: buffer[start + BINARY_AT.language] ?? 0,
    version: readInt16BE(buffer, start + BINARY_AT.version),
    opaque: readInt32BE(buffer, start + BINARY_AT.opaque),
    flag: readInt32BE(buffer, start + BINARY_AT.flag),
    remark: remarkBytes === 0 ? undefined : buffer.toString('utf8', remarkStart, fieldsAt),
    extFields:
      fieldsBytes === 0 ? undefined : readFields(buffer, fieldsAt + 4, fieldsAt + 4 + fieldsBytes),
  };
}

const fieldParts = (fields: ExtFields): Buffer[] =>
  Object.entries(fields).map(([name, value]) => {
    const key = Buffer.from(name);
    const text = Buffer.from(value);
    const part = Buffer.allocUnsafe(6 + key.length + text.length);
    writeInt16BE(part, 0, key.length);
    part.set(key, 2);
    writeInt32BE(part, 2 + key.length, text.length);
    part.set(text, 6 + key.length);
    return part;
  });

/** The ROCKETMQ binary form of a header. Codes keep their low 16 bits. */
export function writeBinaryHeader(header: HeaderFacts): Buffer {
  const remark = Buffer.from(header.remark ?? '');
  const fields = Buffer.concat(fieldParts(header.extFields ?? {}));
  const target = Buffer.allocUnsafe(BINARY_HEADER_BYTES_MIN + remark.length + fields.length);
  writeInt16BE(target, BINARY_AT.code, header.code);
  target[BINARY_AT.language] = header.language;
  writeInt16BE(target, BINARY_AT.version, header.version);
  writeInt32BE(target, BINARY_AT.opaque, header.opaque);
  writeInt32BE(target, BINARY_AT.flag, header.flag);
  writeInt32BE(target, BINARY_AT.remarkBytes, remark.length);
  target.set(remark, BINARY_AT.remark);
  writeInt32BE(target, BINARY_AT.remark + remark.length, fields.length);
  target.set(fields, BINARY_HEADER_BYTES_MIN + remark.length);
  return target;
}
