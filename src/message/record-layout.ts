import { SYS_FLAG } from './sys-flag.ts';

// A message as the commit log stores it and as pull bodies carry it. All integers are big-endian.
//
// `RECORD_LAYOUT` is the one table that size, encoder, decoder and checker derive their positions from; after it come
//
//   [body][topic length: int8 (V1) or int16 (V2)][topic][properties length: int16][properties]
//
// A host is 4 address bytes and an int32 port; 16 address bytes where sysFlag says IPv6 (0x10 born host, 0x20 store host).
// V1 is written; V1 and V2 (5.x, topics longer than 127 bytes) are read.

/**
 * The fixed part of a record: field and bytes, hosts as IPv4.
 * @source rocketmq 4.9.2 store/CommitLog.java calMsgLength
 */
export const RECORD_LAYOUT = [
  ['recordBytes', 4],
  ['magic', 4],
  ['bodyCrc', 4],
  ['queueId', 4],
  ['flag', 4],
  ['queueOffset', 8],
  ['commitLogOffset', 8],
  ['sysFlag', 4],
  ['bornTimestamp', 8],
  ['bornHost', 8],
  ['storeTimestamp', 8],
  ['storeHost', 8],
  ['reconsumeTimes', 4],
  ['preparedTransactionOffset', 8],
  ['bodyBytes', 4],
] as const;

type RecordField = (typeof RECORD_LAYOUT)[number][0];

const positions = (): Readonly<Record<RecordField | 'body', number>> => {
  let position = 0;
  const table: Partial<Record<RecordField | 'body', number>> = {};
  for (const [field, bytes] of RECORD_LAYOUT) {
    table[field] = position;
    position += bytes;
  }
  return { ...table, body: position } as Record<RecordField | 'body', number>;
};

/** Position of each field, hosts as IPv4. Behind an IPv6 host each moves by `HOST_V6_EXTRA_BYTES`. */
export const RECORD_AT = positions();
/** What an IPv6 host takes more than an IPv4 one. */
export const HOST_V6_EXTRA_BYTES = 12;
/** Bytes of a V1 record with IPv4 hosts and nothing in body, topic and properties. */
export const RECORD_FIXED_BYTES = RECORD_AT.body + 1 + 2;

/** 0xDAA320A7, as a signed int32. */
export const RECORD_MAGIC_V1 = 0xdaa320a7 | 0;
/** 0xDAA320AB: since 5.x, topic length in two bytes. */
export const RECORD_MAGIC_V2 = 0xdaa320ab | 0;
/** 0xCBD43194: the rest of this segment is empty. */
export const BLANK_MAGIC = 0xcbd43194 | 0;
/** Length and magic of an end-of-file blank; each segment ends with one of at least this size. */
export const BLANK_BYTES_MIN = 8;

/** How far the fields behind both hosts move. */
export const hostExtraBytes = (sysFlag: number): number =>
  (sysFlag & SYS_FLAG.BORN_HOST_V6 ? HOST_V6_EXTRA_BYTES : 0) +
  (sysFlag & SYS_FLAG.STORE_HOST_V6 ? HOST_V6_EXTRA_BYTES : 0);
