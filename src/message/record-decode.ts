import { bodyCrc, readInt16BE, readInt32BE, readInt64BE } from '../base/index.ts';
import { MessageError } from './errors.ts';
import { addressText, IPV4_BYTES, IPV6_BYTES } from './host.ts';
import type { MessageExt } from './message.ts';
import { offsetMessageId } from './message-id.ts';
import { parseProperties } from './properties.ts';
import {
  BLANK_BYTES_MIN,
  BLANK_MAGIC,
  hostExtraBytes,
  RECORD_AT,
  RECORD_FIXED_BYTES,
  RECORD_MAGIC_V1,
  RECORD_MAGIC_V2,
} from './record-layout.ts';
import { SYS_FLAG } from './sys-flag.ts';

/**
 * What stands at a position of the log.
 * - `record`: a well-formed message
 * - `blank`: the rest of the segment is empty (`recordBytes` is that rest)
 * - `partial`: the message goes on behind the given limit
 * - `corrupt`: a message's magic, but lengths or checksum do not fit
 * - `end`: no message's magic: nothing was written here
 */
export type RecordKind = 'record' | 'blank' | 'partial' | 'corrupt' | 'end';

/** One stored record, read in place: reusable, filled by `readRecord`. Positions are indexes into the buffer that was read. */
export class RecordView {
  recordBytes = 0;
  bodyCrc = 0;
  queueId = 0;
  flag = 0;
  queueOffset = 0;
  commitLogOffset = 0;
  sysFlag = 0;
  bornTimestamp = 0;
  bornHostStart = 0;
  storeTimestamp = 0;
  storeHostStart = 0;
  reconsumeTimes = 0;
  preparedTransactionOffset = 0;
  bodyStart = 0;
  bodyBytes = 0;
  topicStart = 0;
  topicBytes = 0;
  propertiesStart = 0;
  propertiesBytes = 0;
}

const readFixed = (source: Buffer, at: number, view: RecordView): void => {
  // hot path
  view.bodyCrc = readInt32BE(source, at + RECORD_AT.bodyCrc);
  view.queueId = readInt32BE(source, at + RECORD_AT.queueId);
  view.flag = readInt32BE(source, at + RECORD_AT.flag);
  view.queueOffset = readInt64BE(source, at + RECORD_AT.queueOffset);
  view.commitLogOffset = readInt64BE(source, at + RECORD_AT.commitLogOffset);
  view.bornTimestamp = readInt64BE(source, at + RECORD_AT.bornTimestamp);
  view.bornHostStart = at + RECORD_AT.bornHost;
  const bornExtra = hostExtraBytes(view.sysFlag & SYS_FLAG.BORN_HOST_V6);
  view.storeTimestamp = readInt64BE(source, at + RECORD_AT.storeTimestamp + bornExtra);
  view.storeHostStart = at + RECORD_AT.storeHost + bornExtra;
  const moved = at + hostExtraBytes(view.sysFlag);
  view.reconsumeTimes = readInt32BE(source, moved + RECORD_AT.reconsumeTimes);
  view.preparedTransactionOffset = readInt64BE(source, moved + RECORD_AT.preparedTransactionOffset);
  view.bodyBytes = readInt32BE(source, moved + RECORD_AT.bodyBytes);
  view.bodyStart = moved + RECORD_AT.body;
};

/** Reads the variable part; false where its lengths do not add up to the record's end. */
const readVariable = (source: Buffer, end: number, isV2: boolean, view: RecordView): boolean => {
  // hot path
  const lengthBytes = isV2 ? 2 : 1;
  if (view.bodyBytes < 0 || view.bodyBytes > end - view.bodyStart - lengthBytes - 2) return false;
  const topicAt = view.bodyStart + view.bodyBytes;
  view.topicBytes = isV2 ? readInt16BE(source, topicAt) : (source[topicAt] as number);
  view.topicStart = topicAt + lengthBytes;
  if (view.topicBytes < 0 || (!isV2 && view.topicBytes > 127)) return false;
  const propertiesAt = view.topicStart + view.topicBytes;
  if (propertiesAt + 2 > end) return false;
  view.propertiesBytes = readInt16BE(source, propertiesAt);
  view.propertiesStart = propertiesAt + 2;
  return view.propertiesBytes >= 0 && view.propertiesStart + view.propertiesBytes === end;
};

/**
 * Reads and checks what stands at `at`, looking no further than `limit` (exclusive, ≤ source.length).
 * `view.recordBytes` is set for `record`, `blank` and `partial`; the other fields for `record` only.
 * @param isCrcChecked also compares the body with its checksum (the cost of reading the body)
 */
export function readRecord(
  source: Buffer,
  at: number,
  limit: number,
  view: RecordView,
  isCrcChecked: boolean,
): RecordKind {
  // hot path
  view.recordBytes = 0;
  if (limit - at < BLANK_BYTES_MIN) return 'partial';
  const length = readInt32BE(source, at + RECORD_AT.recordBytes);
  const magic = readInt32BE(source, at + RECORD_AT.magic);
  if (magic === BLANK_MAGIC) {
    view.recordBytes = length;
    return length >= BLANK_BYTES_MIN ? 'blank' : 'corrupt';
  }
  if (magic !== RECORD_MAGIC_V1 && magic !== RECORD_MAGIC_V2) return 'end';
  if (length < RECORD_FIXED_BYTES) return 'corrupt';
  if (at + length > limit) {
    view.recordBytes = length;
    return 'partial';
  }
  view.sysFlag = readInt32BE(source, at + RECORD_AT.sysFlag);
  if (length < RECORD_FIXED_BYTES + hostExtraBytes(view.sysFlag)) return 'corrupt';
  readFixed(source, at, view);
  if (!readVariable(source, at + length, magic === RECORD_MAGIC_V2, view)) return 'corrupt';
  if (isCrcChecked && bodyCrc(source, view.bodyStart, view.bodyBytes) !== view.bodyCrc) {
    return 'corrupt';
  }
  view.recordBytes = length;
  return 'record';
}

const hostAt = (source: Buffer, at: number, isV6: boolean): { host: Buffer; port: number } => {
  const bytes = isV6 ? IPV6_BYTES : IPV4_BYTES;
  return { host: source.subarray(at, at + bytes), port: readInt32BE(source, at + bytes) };
};

/**
 * Decodes one record into a message. Its body is a view of `source`, as stored (maybe compressed); like Java's clients it
 * does not compare the checksum.
 * @throws {MessageError} RECORD_CORRUPT where no whole well-formed record stands at `at`
 */
export function decodeRecord(source: Buffer, at = 0, limit = source.length): MessageExt {
  const view = new RecordView();
  const kind = readRecord(source, at, limit, view, false);
  if (kind !== 'record') {
    throw new MessageError('RECORD_CORRUPT', `no message at ${at}: ${kind}`, { at, limit, kind });
  }
  const born = hostAt(source, view.bornHostStart, (view.sysFlag & SYS_FLAG.BORN_HOST_V6) !== 0);
  const store = hostAt(source, view.storeHostStart, (view.sysFlag & SYS_FLAG.STORE_HOST_V6) !== 0);
  return {
    topic: source.toString('utf8', view.topicStart, view.topicStart + view.topicBytes),
    flag: view.flag,
    body: source.subarray(view.bodyStart, view.bodyStart + view.bodyBytes),
    properties: parseProperties(
      source.toString('utf8', view.propertiesStart, view.propertiesStart + view.propertiesBytes),
    ),
    queueId: view.queueId,
    queueOffset: view.queueOffset,
    commitLogOffset: view.commitLogOffset,
    sysFlag: view.sysFlag,
    bornTimestamp: view.bornTimestamp,
    bornHost: addressText(born.host, born.port),
    storeTimestamp: view.storeTimestamp,
    storeHost: addressText(store.host, store.port),
    reconsumeTimes: view.reconsumeTimes,
    preparedTransactionOffset: view.preparedTransactionOffset,
    bodyCrc: view.bodyCrc,
    storeBytes: view.recordBytes,
    offsetMessageId: offsetMessageId(store.host, store.port, view.commitLogOffset),
  };
}

/**
 * Decodes the records that stand back to back in a pull or query body.
 * @throws {MessageError} RECORD_CORRUPT
 */
export function decodeRecords(body: Buffer): MessageExt[] {
  const messages: MessageExt[] = [];
  for (let at = 0; at < body.length; ) {
    const message = decodeRecord(body, at);
    messages.push(message);
    at += message.storeBytes;
  }
  return messages;
}
