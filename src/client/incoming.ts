import { inflateSync } from 'node:zlib';
import { errorMessage, type Logger } from '../base/index.ts';
import { decodeRecords, type MessageExt, PROPERTY, SYS_FLAG } from '../message/index.ts';
import { understood } from './remote.ts';
import type { ReceivedMessage } from './types.ts';

/** A compressed body that grows beyond this stays compressed: a small message must not fill the memory. */
export const INFLATED_BYTES_MAX = 64 * 1024 * 1024;
/** Compression types of 5.x clients that mean zlib. */
const ZLIB_TYPES: ReadonlySet<number> = new Set([0, 0x300]);

/**
 * Messages in the body of a pull or view, bodies decompressed. A body that cannot be decompressed is handed on as it is
 * stored, with a warning: `sysFlag` still has its bit, which is cleared otherwise.
 * @throws {ClientError} BAD_RESPONSE
 */
export const receivedMessages = (
  body: Buffer,
  brokerName: string,
  logger: Logger,
): ReceivedMessage[] => {
  const records = understood(brokerName, () => decodeRecords(body));
  return records.map((record) => receivedMessage(record, brokerName, logger));
};

const receivedMessage = (
  record: MessageExt,
  brokerName: string,
  logger: Logger,
): ReceivedMessage => {
  const { properties } = record;
  return {
    ...record,
    ...decompressed(record, logger),
    msgId: properties.get(PROPERTY.UNIQUE_KEY) ?? record.offsetMessageId,
    brokerName,
    tags: properties.get(PROPERTY.TAGS),
    keys: properties.get(PROPERTY.KEYS),
  };
};

const decompressed = (
  { body, sysFlag, offsetMessageId }: MessageExt,
  logger: Logger,
): { readonly body: Buffer; readonly sysFlag: number } => {
  const isZlib = ZLIB_TYPES.has(sysFlag & SYS_FLAG.COMPRESSION_TYPE_MASK);
  if ((sysFlag & SYS_FLAG.COMPRESSED) === 0) return { body, sysFlag };
  try {
    if (!isZlib) throw new Error('its compression is not zlib');
    const plain = inflateSync(body, { maxOutputLength: INFLATED_BYTES_MAX });
    return { body: plain, sysFlag: sysFlag & ~SYS_FLAG.COMPRESSED };
  } catch (error) {
    logger.warn({ offsetMessageId, error: errorMessage(error) }, 'a body stays compressed');
    return { body, sysFlag };
  }
};
