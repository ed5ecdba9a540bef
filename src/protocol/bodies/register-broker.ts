import { deflateSync, inflateSync } from 'node:zlib';
import { bodyCrc, errorCode } from '../../base/index.ts';
import { ProtocolError } from '../errors.ts';
import { decodeAs, encodeAs, list, object, parseAs, text, type ValueOf } from '../json-shape.ts';
import {
  DATA_VERSION,
  TOPIC_CONFIG_TABLE,
  TOPIC_FILTER_TYPES,
  type TopicConfig,
  type TopicConfigTable,
} from './config.ts';

// Compressed form: one zlib stream of
//
// | bytes | content |
// |---|---|
// | 4 + n | length, data version as JSON |
// | 4 | number of topics |
// | (4 + n) each | length, topic as text: name readQueueNums writeQueueNums perm filterType [attributes] |
// | 4 + n | length, filter servers as a JSON array |

/** @source rocketmq 4.9.2 common/protocol/body/RegisterBrokerBody.java */
const REGISTER_BROKER_BODY = object({
  filterServerList: list(text()),
  topicConfigSerializeWrapper: TOPIC_CONFIG_TABLE,
});
export type RegisterBrokerBody = ValueOf<typeof REGISTER_BROKER_BODY>;

const FILTER_SERVERS = list(text());
/** Bytes a compressed body may grow to. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;
/** First version whose registrations have this body; before it, the topic table alone was sent (V3_0_11). */
const VERSION_WITH_FILTER_SERVERS = 37;
const TOPIC_PARTS_MIN = 5;
const EMPTY: RegisterBrokerBody = {
  filterServerList: [],
  topicConfigSerializeWrapper: {
    dataVersion: { counter: 0, timestamp: 0 },
    topicConfigTable: new Map(),
  },
};

/** Body and checksum of a registration. */
export const encodeRegisterBrokerBody = (
  body: RegisterBrokerBody,
  isCompressed: boolean,
): { readonly body: Buffer; readonly bodyCrc32: number } => {
  const bytes = isCompressed ? deflateSync(packed(body)) : encodeAs(REGISTER_BROKER_BODY, body);
  return { body: bytes, bodyCrc32: bodyCrc(bytes, 0, bytes.length) };
};

/**
 * Reads a registration; no body means no topics.
 * @param version of the registering broker
 * @throws {ProtocolError} BODY_INVALID, BODY_TOO_LARGE, JSON_MALFORMED
 */
export const decodeRegisterBrokerBody = (
  body: Buffer | undefined,
  version: number,
  isCompressed: boolean,
): RegisterBrokerBody => {
  if (body === undefined || body.length === 0) return EMPTY;
  if (isCompressed) return unpack(inflate(body));
  if (version >= VERSION_WITH_FILTER_SERVERS) return decodeAs(REGISTER_BROKER_BODY, body);
  return { ...EMPTY, topicConfigSerializeWrapper: decodeAs(TOPIC_CONFIG_TABLE, body) };
};

const packed = ({ filterServerList, topicConfigSerializeWrapper }: RegisterBrokerBody): Buffer => {
  const { dataVersion, topicConfigTable } = topicConfigSerializeWrapper;
  const count = Buffer.alloc(4);
  count.writeInt32BE(topicConfigTable.size);
  const topics = [...topicConfigTable.values()].map((topic) =>
    sized(Buffer.from(topicText(topic))),
  );
  const servers = sized(encodeAs(FILTER_SERVERS, filterServerList));
  return Buffer.concat([sized(encodeAs(DATA_VERSION, dataVersion)), count, ...topics, servers]);
};

const sized = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const topicText = (topic: TopicConfig): string =>
  [
    topic.topicName,
    topic.readQueueNums,
    topic.writeQueueNums,
    topic.perm,
    topic.topicFilterType,
  ].join(' ');

const inflate = (body: Buffer): Buffer => {
  try {
    return inflateSync(body, { maxOutputLength: INFLATED_BYTES_MAX });
  } catch (error) {
    const isTooLarge = errorCode(error) === 'ERR_BUFFER_TOO_LARGE';
    throw new ProtocolError(
      isTooLarge ? 'BODY_TOO_LARGE' : 'BODY_INVALID',
      'a compressed registration cannot be read',
      { bytes: body.length, limit: INFLATED_BYTES_MAX },
      error,
    );
  }
};

const unpack = (bytes: Buffer): RegisterBrokerBody => {
  let at = 0;
  const integer = (): number => {
    if (at + 4 > bytes.length) throw truncated(at);
    at += 4;
    return bytes.readInt32BE(at - 4);
  };
  const part = (): string => {
    const length = integer();
    if (length < 0 || length > bytes.length - at) throw truncated(at);
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const dataVersion = parseAs(DATA_VERSION, part());
  const topicConfigTable = new Map<string, TopicConfig>();
  for (let left = integer(); left > 0; left--) {
    const topic = readTopic(part());
    topicConfigTable.set(topic.topicName, topic);
  }
  const servers = at < bytes.length ? parseAs(FILTER_SERVERS, part()) : [];
  const topicConfigSerializeWrapper: TopicConfigTable = { dataVersion, topicConfigTable };
  return { filterServerList: servers, topicConfigSerializeWrapper };
};

const truncated = (at: number): ProtocolError =>
  new ProtocolError('BODY_INVALID', 'a compressed registration ends too early', { at });

const readTopic = (line: string): TopicConfig => {
  const [topicName = '', read, write, perm, type, ...rest] = line.split(' ');
  const numbers = [read, write, perm].map(Number);
  const [readQueueNums = 0, writeQueueNums = 0, permission = 0] = numbers;
  const isWhole = type !== undefined && numbers.every(Number.isInteger);
  if (!isWhole || rest.length > 1) {
    throw new ProtocolError('BODY_INVALID', `a topic has ${TOPIC_PARTS_MIN} or 6 parts`, { line });
  }
  return {
    order: false,
    perm: permission,
    readQueueNums,
    topicFilterType: TOPIC_FILTER_TYPES.find((name) => name === type) ?? 'SINGLE_TAG',
    topicName,
    topicSysFlag: 0,
    writeQueueNums,
  };
};
