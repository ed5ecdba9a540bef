import { type Clock, errorCode, writeInt32BE } from '../base/index.ts';
import {
  BatchReader,
  encodeRecord,
  findProperty,
  PROPERTIES_BYTES_MAX,
  RecordFields,
  recordBytes,
  SYS_FLAG,
  storedPropertiesBytes,
  TOPIC_BYTES_MAX,
  tagsCodeOfBytes,
  tagsCodeOfProperties,
} from '../message/index.ts';
import type { CommitLog } from './commit-log.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { QueueTable } from './queue-table.ts';
import { PutStatus } from './status.ts';

const TAGS = Buffer.from('TAGS');

/**
 * What the store is asked to append, and what came of it: one reusable object per store. The caller fills the fields of
 * the record but `queueId`, `topic…`, `queueOffset`, `commitLogOffset` and `storeTimestamp`, which the store sets.
 *
 * For a batch, `body` holds the items as they were sent and `properties` those of the whole request.
 */
export class PendingMessage extends RecordFields {
  /** Where the message goes. */
  queue: ConsumeQueue | undefined = undefined;
  /** Code of the message's tag (0 for none), or the delivery time of a delayed one. A batch computes its own. */
  tagsCode = 0;
  /** Out: bytes stored, of all records of a batch. */
  recordBytes = 0;
  /** Out: log position behind the last stored byte. Once `flushedPosition` reaches it, the message is durable. */
  endPosition = 0;
  /** Out: records stored, 1 for a single message. */
  messageCount = 0;
  /** Out, for a batch: commit-log offsets of its records; the first `messageCount` entries count. */
  readonly batchOffsets: number[] = [];
}

export interface AppenderOptions {
  readonly maxMessageSize: number;
  /** False under SYNC_FLUSH: records become visible after their flush. */
  readonly dispatchesAtOnce: boolean;
}

/**
 * Stores messages: gives each its place in the log and in its queue.
 *
 * A1: a queue offset is used up only by a record that was committed to the log.
 * A2: storeTimestamp never decreases along the log.
 * @source rocketmq 4.9.2 store/CommitLog.java asyncPutMessage, DefaultAppendMessageCallback
 */
export class Appender {
  readonly #log: CommitLog;
  readonly #queues: QueueTable;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #maxMessageSize: number;
  readonly #dispatchesAtOnce: boolean;
  readonly #batch = new BatchReader();
  readonly #item = new RecordFields();
  readonly #tags = { start: 0, length: 0 };

  constructor(
    log: CommitLog,
    queues: QueueTable,
    dispatcher: Dispatcher,
    clock: Clock,
    options: AppenderOptions,
  ) {
    this.#log = log;
    this.#queues = queues;
    this.#dispatcher = dispatcher;
    this.#clock = clock;
    this.#maxMessageSize = options.maxMessageSize;
    this.#dispatchesAtOnce = options.dispatchesAtOnce;
  }

  append(message: PendingMessage): PutStatus {
    // hot path
    const queue = this.#address(message);
    if (queue === undefined || message.topicBytes > TOPIC_BYTES_MAX)
      return PutStatus.MESSAGE_ILLEGAL;
    if (message.propertiesBytes > PROPERTIES_BYTES_MAX) return PutStatus.PROPERTIES_SIZE_EXCEEDED;
    message.batchPropertiesBytes = 0;
    const bytes = recordBytes(message);
    if (bytes > this.#maxMessageSize) return PutStatus.MESSAGE_ILLEGAL;
    const log = this.#log;
    const status = log.claim(bytes);
    if (status !== PutStatus.PUT_OK) return status;
    // Half and rolled-back records take no place in their queue.
    const type = message.sysFlag & SYS_FLAG.TRANSACTION_MASK;
    const isIndexed = type === SYS_FLAG.TRANSACTION_NOT || type === SYS_FLAG.TRANSACTION_COMMIT;
    const commitLogOffset = log.positions.appended;
    message.queueOffset = isIndexed ? queue.nextQueueOffset : 0;
    message.commitLogOffset = commitLogOffset;
    message.storeTimestamp = this.#nextTimestamp();
    encodeRecord(log.window, log.windowIndex, message);
    log.commit(bytes);
    message.recordBytes = bytes;
    message.endPosition = commitLogOffset + bytes;
    message.messageCount = 1;
    if (isIndexed) queue.nextQueueOffset += 1; // A1
    if (!this.#dispatchesAtOnce) return status;
    if (isIndexed) queue.put(message.queueOffset, commitLogOffset, bytes, message.tagsCode);
    log.positions.setDispatched(message.endPosition);
    if (isIndexed && queue.hasWaiters)
      this.#dispatcher.onArrival(queue, message.queueOffset, message.tagsCode);
    return status;
  }

  /**
   * Stores the items of a batch as records with consecutive queue offsets, all in one segment, all or none.
   * `message.body` holds the items as sent, `message.properties` what is added to each item's own.
   */
  appendBatch(message: PendingMessage): PutStatus {
    const queue = this.#address(message);
    if (queue === undefined || message.topicBytes > TOPIC_BYTES_MAX)
      return PutStatus.MESSAGE_ILLEGAL;
    if ((message.sysFlag & SYS_FLAG.TRANSACTION_MASK) !== 0) return PutStatus.MESSAGE_ILLEGAL;
    const item = this.#startItems(message);
    const measured = this.#measure(message, item);
    if (measured !== PutStatus.PUT_OK) return measured;
    const claimed = this.#log.claim(message.recordBytes);
    if (claimed !== PutStatus.PUT_OK) return claimed;
    message.queueOffset = queue.nextQueueOffset;
    message.commitLogOffset = this.#log.positions.appended;
    message.storeTimestamp = this.#nextTimestamp();
    message.endPosition = message.commitLogOffset + message.recordBytes;
    this.#encodeItems(message, item);
    this.#log.commit(message.recordBytes);
    queue.nextQueueOffset += message.messageCount; // A1
    if (this.#dispatchesAtOnce) this.#dispatchItems(message, item, queue);
    return PutStatus.PUT_OK;
  }

  #address(message: PendingMessage): ConsumeQueue | undefined {
    // hot path
    let { queue } = message;
    if (queue === undefined) return undefined;
    if (queue.isGone) {
      queue = this.#queues.queue(queue.topic, queue.queueId);
      message.queue = queue;
    }
    message.queueId = queue.queueId;
    message.topic = queue.topicBytes;
    message.topicStart = 0;
    message.topicBytes = queue.topicBytes.length;
    return queue;
  }

  #nextTimestamp(): number {
    // hot path
    const now = this.#clock.now();
    const { positions } = this.#log;
    if (now > positions.storeTimestamp) positions.storeTimestamp = now; // A2
    return positions.storeTimestamp;
  }

  #startItems(message: PendingMessage): RecordFields {
    const item = this.#item;
    item.queueId = message.queueId;
    item.sysFlag = message.sysFlag;
    item.bornTimestamp = message.bornTimestamp;
    item.bornHost = message.bornHost;
    item.bornPort = message.bornPort;
    item.storeHost = message.storeHost;
    item.storePort = message.storePort;
    item.reconsumeTimes = message.reconsumeTimes;
    item.preparedTransactionOffset = 0;
    item.topic = message.topic;
    item.topicStart = message.topicStart;
    item.topicBytes = message.topicBytes;
    item.body = message.body;
    item.properties = message.body;
    item.batchProperties = message.properties;
    item.batchPropertiesStart = message.propertiesStart;
    item.batchPropertiesBytes = message.propertiesBytes;
    return item;
  }

  /** Checks every item and sums up `recordBytes` and `messageCount` before the first byte is written. */
  #measure(message: PendingMessage, item: RecordFields): PutStatus {
    message.recordBytes = 0;
    message.messageCount = 0;
    try {
      this.#rewind(message);
      while (this.#nextItem(item)) {
        if (storedPropertiesBytes(item) > PROPERTIES_BYTES_MAX)
          return PutStatus.PROPERTIES_SIZE_EXCEEDED;
        message.recordBytes += recordBytes(item);
        message.messageCount += 1;
        if (message.recordBytes > this.#maxMessageSize) return PutStatus.MESSAGE_ILLEGAL;
      }
    } catch (error) {
      if (errorCode(error) !== 'BATCH_MALFORMED') throw error;
      return PutStatus.MESSAGE_ILLEGAL;
    }
    return message.messageCount > 0 ? PutStatus.PUT_OK : PutStatus.MESSAGE_ILLEGAL;
  }

  #encodeItems(message: PendingMessage, item: RecordFields): void {
    const { window, windowIndex } = this.#log;
    item.storeTimestamp = message.storeTimestamp;
    item.queueOffset = message.queueOffset;
    item.commitLogOffset = message.commitLogOffset;
    let index = 0;
    this.#rewind(message);
    while (this.#nextItem(item)) {
      message.batchOffsets[index] = item.commitLogOffset;
      const at = windowIndex + item.commitLogOffset - message.commitLogOffset;
      const bytes = recordBytes(item);
      writeInt32BE(window, at + bytes, 0); // C2 holds within the batch, too.
      encodeRecord(window, at, item);
      item.queueOffset += 1;
      item.commitLogOffset += bytes;
      index += 1;
    }
  }

  #dispatchItems(message: PendingMessage, item: RecordFields, queue: ConsumeQueue): void {
    const { properties, propertiesStart, propertiesBytes } = message;
    // Of two TAGS the later wins, here as in every reader of the record.
    const sharedCode = findProperty(properties, propertiesStart, propertiesBytes, TAGS, this.#tags)
      ? tagsCodeOfBytes(properties, this.#tags.start, this.#tags.length)
      : undefined;
    let commitLogOffset = message.commitLogOffset;
    let queueOffset = message.queueOffset;
    this.#rewind(message);
    while (this.#nextItem(item)) {
      const bytes = recordBytes(item);
      const code =
        sharedCode ??
        tagsCodeOfProperties(
          item.properties,
          item.propertiesStart,
          item.propertiesBytes,
          this.#tags,
        );
      queue.put(queueOffset, commitLogOffset, bytes, code);
      commitLogOffset += bytes;
      queueOffset += 1;
      this.#log.positions.setDispatched(commitLogOffset);
      if (queue.hasWaiters) this.#dispatcher.onArrival(queue, queueOffset - 1, code);
    }
  }

  #rewind(message: PendingMessage): void {
    this.#batch.reset(message.body, message.bodyStart, message.bodyStart + message.bodyBytes);
  }

  #nextItem(item: RecordFields): boolean {
    const batch = this.#batch;
    if (!batch.next()) return false;
    item.flag = batch.flag;
    item.bodyStart = batch.bodyStart;
    item.bodyBytes = batch.bodyBytes;
    item.propertiesStart = batch.propertiesStart;
    item.propertiesBytes = batch.propertiesBytes;
    return true;
  }
}
