/**
 * Bits of a message's `sysFlag`.
 *
 * | bits | meaning |
 * |---|---|
 * | 0x1 | body compressed |
 * | 0x2 | the topic filters by several tags |
 * | 0xC | transaction type |
 * | 0x10, 0x20 | born host, store host is IPv6 |
 * | 0x700 | compression type of 5.x clients (0 and 3 zlib, 1 LZ4, 2 ZSTD) |
 *
 * @source rocketmq 4.9.2 common/sysflag/MessageSysFlag.java
 */
export const SYS_FLAG = {
  COMPRESSED: 0x1,
  MULTI_TAGS: 0x2,
  TRANSACTION_NOT: 0x0,
  TRANSACTION_PREPARED: 0x4,
  TRANSACTION_COMMIT: 0x8,
  TRANSACTION_ROLLBACK: 0xc,
  TRANSACTION_MASK: 0xc,
  BORN_HOST_V6: 0x10,
  STORE_HOST_V6: 0x20,
  COMPRESSION_TYPE_MASK: 0x700,
} as const;

/** The transaction bits of a `sysFlag`: one of `SYS_FLAG.TRANSACTION_*`. */
export const transactionType = (sysFlag: number): number => sysFlag & SYS_FLAG.TRANSACTION_MASK;

/** `sysFlag` with its transaction bits replaced. */
export const withTransactionType = (sysFlag: number, type: number): number =>
  (sysFlag & ~SYS_FLAG.TRANSACTION_MASK) | type;

/**
 * Bits of a pull request's `sysFlag`.
 * @source rocketmq 4.9.2 common/sysflag/PullSysFlag.java
 */
export const PULL_FLAG = {
  /** The request carries a consumer offset to store. */
  COMMIT_OFFSET: 1,
  /** The broker may hold the request until a message arrives. */
  SUSPEND: 2,
  /** The request carries its subscription. */
  SUBSCRIPTION: 4,
  CLASS_FILTER: 8,
  LITE_PULL: 16,
} as const;

/**
 * Bits of a topic's or broker's `perm`.
 * @source rocketmq 4.9.2 common/constant/PermName.java
 */
export const PERM = {
  INHERIT: 1,
  WRITE: 2,
  READ: 4,
  PRIORITY: 8,
  READ_WRITE: 6,
  READ_WRITE_INHERIT: 7,
} as const;

/** Whether consumers may read. */
export const isReadable = (perm: number): boolean => (perm & PERM.READ) !== 0;
/** Whether producers may write. */
export const isWritable = (perm: number): boolean => (perm & PERM.WRITE) !== 0;
/** Whether topics made from this template may exist without being created first. */
export const isInherited = (perm: number): boolean => (perm & PERM.INHERIT) !== 0;

/** `perm` as RocketMQ prints it: `RW-`, `R--`, `---`; the third letter is X where it inherits. */
export const permText = (perm: number): string =>
  (isReadable(perm) ? 'R' : '-') + (isWritable(perm) ? 'W' : '-') + (isInherited(perm) ? 'X' : '-');

/** Bits of `topicSysFlag`. */
export const TOPIC_SYS_FLAG = { UNIT: 1, UNIT_SUB: 2 } as const;
