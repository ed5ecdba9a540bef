import { join } from 'node:path';
import type { PropertyTable } from './property.ts';
import { choice, computed, flag, int, long, refusing, text, within } from './property.ts';

const INT_MAX = 0x7fff_ffff;
const DAY_MS = 86_400_000;
const pages = (what: string): string =>
  `Changed pages that start a ${what}; flushes are timed here.`;
const dledger = (what: string): string => `DLedger: ${what}.`;

/** Keys of MessageStoreConfig. @source rocketmq 4.9.2 store/config/MessageStoreConfig.java */
export const MESSAGE_STORE_CONFIG = {
  storePathRootDir: text(
    computed('$HOME/store', ({ home }) => join(home, 'store')),
    'Folder of the store.',
    'works',
    'important',
  ),
  storePathCommitLog: refusing(
    text(
      computed('$HOME/store/commitlog', ({ home }) => join(home, 'store', 'commitlog')),
      'Folder of the commit log; it does not follow storePathRootDir.',
      'works',
      'important',
    ),
    (value) =>
      value.includes(',')
        ? 'a commit log over several folders is not available; name one folder'
        : undefined,
  ),
  readOnlyCommitLogStorePaths: refusing(
    text('', 'Further commit-log folders that are only read.'),
    (value) =>
      value.trim() === ''
        ? undefined
        : 'messages in further commit-log folders would not be served; move their files into storePathCommitLog and remove the key',
  ),
  mappedFileSizeCommitLog: within(
    4096,
    INT_MAX,
    int(1_073_741_824, 'Length of a commit-log segment, bytes.', 'works'),
  ),
  mappedFileSizeConsumeQueue: within(
    20,
    INT_MAX,
    int(6_000_000, 'Length of a consume-queue file, bytes; rounded up to entries of 20.', 'works'),
  ),
  enableConsumeQueueExt: flag(false, 'Write the consume-queue extension.'),
  mappedFileSizeConsumeQueueExt: int(50_331_648, 'Length of an extension file, bytes.'),
  bitMapLengthConsumeQueueExt: int(64, 'Bits of an extension entry.'),
  flushIntervalCommitLog: within(
    1,
    DAY_MS,
    int(500, 'Time between two flushes with ASYNC_FLUSH, ms.', 'works', 'important'),
  ),
  commitIntervalCommitLog: int(200, 'Time between writes of off-heap buffers, ms.', 'important'),
  useReentrantLockWhenPutMessage: flag(true, 'Kind of the append lock; there is none here.'),
  flushCommitLogTimed: flag(true, 'Sleep between flushes instead of waiting.', 'important'),
  flushIntervalConsumeQueue: within(
    1,
    DAY_MS,
    int(1000, 'Time between two flushes of the consume queues, ms.', 'works'),
  ),
  cleanResourceInterval: within(
    1,
    DAY_MS,
    int(10_000, 'Time between two searches for old files, ms.', 'works'),
  ),
  deleteCommitLogFilesInterval: int(100, 'Pause between two deletions of segments, ms.'),
  deleteConsumeQueueFilesInterval: int(100, 'Pause between two deletions of queue files, ms.'),
  destroyMapedFileIntervalForcibly: int(
    120_000,
    'Time a deleted file may stay in use, ms; here it stays until its last reader is done.',
  ),
  redeleteHangedFileInterval: int(120_000, 'Time between attempts to delete a busy file, ms.'),
  deleteWhen: text(
    '04',
    'Hours of the day, joined by `;`, when old files go.',
    'works',
    'important',
  ),
  diskMaxUsedSpaceRatio: int(
    75,
    'Used part of the disk above which old files go at any hour, percent; acts within 10–95.',
    'works',
  ),
  fileReservedTime: within(
    0,
    INT_MAX,
    int(72, 'Hours that a segment is kept after its last write.', 'works', 'important'),
  ),
  putMsgIndexHightWater: int(600_000, 'Unused in RocketMQ as well.'),
  maxMessageSize: within(1024, INT_MAX, int(4_194_304, 'Largest stored message, bytes.', 'works')),
  checkCRCOnRecover: flag(true, 'Check the checksums of bodies in recovery; they always are.'),
  flushCommitLogLeastPages: int(4, pages('flush')),
  commitCommitLogLeastPages: int(4, pages('write of off-heap buffers')),
  flushLeastPagesWhenWarmMapedFile: int(4096, pages('flush while a segment is warmed')),
  flushConsumeQueueLeastPages: int(2, pages('flush of a consume queue')),
  flushCommitLogThoroughInterval: int(
    10_000,
    'Time between complete flushes; each is complete here.',
  ),
  commitCommitLogThoroughInterval: int(
    200,
    'Time between complete writes of off-heap buffers, ms.',
  ),
  flushConsumeQueueThoroughInterval: int(
    60_000,
    'Time between complete consume-queue flushes, ms.',
  ),
  maxTransferBytesOnMessageInMemory: within(
    1,
    INT_MAX,
    int(262_144, 'Most bytes of a pull of recent messages.', 'works', 'important'),
  ),
  maxTransferCountOnMessageInMemory: within(
    1,
    INT_MAX,
    int(32, 'Most messages of a pull of recent messages.', 'works', 'important'),
  ),
  maxTransferBytesOnMessageInDisk: within(
    1,
    INT_MAX,
    int(65_536, 'Most bytes of a pull of old messages.', 'works', 'important'),
  ),
  maxTransferCountOnMessageInDisk: within(
    1,
    INT_MAX,
    int(8, 'Most messages of a pull of old messages.', 'works', 'important'),
  ),
  accessMessageInMemoryMaxRatio: within(
    0,
    100,
    int(40, 'Part of memory that holds recent messages, percent.', 'works', 'important'),
  ),
  messageIndexEnable: flag(true, 'Build the index of message keys.', 'important'),
  maxHashSlotNum: int(5_000_000, 'Slots of an index file.'),
  maxIndexNum: int(20_000_000, 'Entries of an index file.'),
  maxMsgsNumBatch: int(64, 'Most results of one look-up by key.'),
  messageIndexSafe: flag(false, 'Let recovery look at the age of the index too.', 'important'),
  haListenPort: int(10_912, 'Port for slaves; always listenPort + 1.'),
  haSendHeartbeatInterval: int(5000, 'Silence before a slave is sent a sign of life, ms.'),
  haHousekeepingInterval: int(20_000, 'Silence before a slave is dropped, ms.'),
  haTransferBatchSize: int(32_768, 'Largest piece sent to a slave, bytes.'),
  haMasterAddress: text('', 'Fixed address of the master.', 'important'),
  haSlaveFallbehindMax: int(268_435_456, 'Lag up to which a slave counts, bytes.'),
  brokerRole: refusing(
    choice(
      ['ASYNC_MASTER', 'SYNC_MASTER', 'SLAVE'],
      'ASYNC_MASTER',
      'Part the broker plays in replication.',
      'works',
      'important',
    ),
    (value) =>
      value === 'ASYNC_MASTER'
        ? undefined
        : 'replication is not available in this version, so no second copy would exist; set brokerRole=ASYNC_MASTER to run a single broker',
  ),
  flushDiskType: choice(
    ['ASYNC_FLUSH', 'SYNC_FLUSH'],
    'ASYNC_FLUSH',
    'SYNC_FLUSH answers a send when the message is on the disk.',
    'works',
    'important',
  ),
  syncFlushTimeout: int(5000, 'Longest wait for a slave, ms.'),
  messageDelayLevel: text(
    '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h',
    'The delays that messages may ask for.',
  ),
  flushDelayOffsetInterval: long(10_000, 'Time between two saves of the delay offsets, ms.'),
  cleanFileForciblyEnable: flag(
    true,
    'Let files younger than fileReservedTime go when the disk is almost full.',
    'works',
    'important',
  ),
  warmMapedFileEnable: flag(false, 'Touch new segments ahead; always done in small steps here.'),
  offsetCheckInSlave: flag(false, 'Correct offsets on slaves too.'),
  debugLockEnable: flag(false, 'Dump stacks when an append takes long.'),
  duplicationEnable: flag(false, 'Dispatch only what was confirmed from outside.'),
  diskFallRecorded: flag(true, 'Record how far back consumers read.'),
  osPageCacheBusyTimeOutMills: long(1000, 'Length of an append that counts as overload, ms.'),
  defaultQueryMaxNum: int(32, 'Results of a look-up by unique key.'),
  transientStorePoolEnable: flag(false, 'Write through off-heap buffers.', 'important'),
  transientStorePoolSize: int(5, 'Number of off-heap buffers.'),
  fastFailIfNoBufferInStorePool: flag(false, 'Refuse sends when no off-heap buffer is free.'),
  enableDLegerCommitLog: refusing(flag(false, dledger('replicate the commit log')), (value) =>
    value
      ? 'DLedger is not available, so no second copy would exist; set enableDLegerCommitLog=false to run a single broker'
      : undefined,
  ),
  dLegerGroup: text('', dledger('name of the group')),
  dLegerPeers: text('', dledger('the members')),
  dLegerSelfId: text('', dledger('this member')),
  preferredLeaderId: text('', dledger('the member that should lead')),
  enableBatchPush: flag(false, dledger('push in batches')),
  enableScheduleMessageStats: flag(true, 'Count delivered delay messages.'),
} satisfies PropertyTable;
