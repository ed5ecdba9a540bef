import { type Clock, errorCode, writeInt32BE } from '../base/index.ts';
import {
  BatchItems,
  findProperty,
  PROPERTIES_BYTES_MAX,
  publishRecord,
  RecordEncoder,
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
  readonly #encoder = new RecordEncoder();
  readonly #items = new BatchItems();
  readonly #item = new RecordFields();
  readonly #tags = { start: 0, length: 0 };
  /** Tags codes of the batch that is being stored. */
  readonly #codes: number[] = [];
  /** Time of this turn's messages; 0 where the clock was not asked yet. */
  #turnMs = 0;

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
    this.#encoder.encode(log.window, log.windowIndex, message);
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
    if (this.#dispatchesAtOnce) this.#dispatchItems(message, queue);
    return PutStatus.PUT_OK;
  }

  /** The messages of a turn have one store time. */
  endTurn(): void {
    // hot path
    this.#turnMs = 0;
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
    if (this.#turnMs === 0) this.#turnMs = this.#clock.now();
    const { positions } = this.#log;
    if (this.#turnMs > positions.storeTimestamp) positions.storeTimestamp = this.#turnMs; // A2
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
    // hot path
    const items = this.#items;
    try {
      items.read(message.body, message.bodyStart, message.bodyStart + message.bodyBytes);
    } catch (error) {
      if (errorCode(error) !== 'BATCH_MALFORMED') throw error;
      return PutStatus.MESSAGE_ILLEGAL;
    }
    let bytes = 0;
    for (let index = 0; index < items.count; index++) {
      this.#showItem(item, index);
      if (storedPropertiesBytes(item) > PROPERTIES_BYTES_MAX)
        return PutStatus.PROPERTIES_SIZE_EXCEEDED;
      bytes += recordBytes(item);
      if (bytes > this.#maxMessageSize) return PutStatus.MESSAGE_ILLEGAL;
    }
    message.recordBytes = bytes;
    message.messageCount = items.count;
    return items.count > 0 ? PutStatus.PUT_OK : PutStatus.MESSAGE_ILLEGAL;
  }

  #encodeItems(message: PendingMessage, item: RecordFields): void {
    // hot path
    const { window, windowIndex } = this.#log;
    const sharedCode = this.#sharedCode(message);
    const { batchOffsets } = message;
    item.storeTimestamp = message.storeTimestamp;
    item.queueOffset = message.queueOffset;
    item.commitLogOffset = message.commitLogOffset;
    let at = windowIndex;
    for (let index = 0; index < message.messageCount; index++) {
      this.#showItem(item, index);
      batchOffsets[index] = item.commitLogOffset;
      this.#codes[index] = sharedCode ?? this.#tagsCode(item);
      const bytes = this.#encoder.encodeUnpublished(window, at, item);
      writeInt32BE(window, at + bytes, 0); // C2 holds within the batch, too.
      publishRecord(window, at, bytes);
      item.queueOffset += 1;
      item.commitLogOffset += bytes;
      at += bytes;
    }
  }

  /** The tag of the whole request, where it has one: of two TAGS the later wins, as in every reader of the record. */
  #sharedCode({
    properties,
    propertiesStart,
    propertiesBytes,
  }: PendingMessage): number | undefined {
    return findProperty(properties, propertiesStart, propertiesBytes, TAGS, this.#tags)
      ? tagsCodeOfBytes(properties, this.#tags.start, this.#tags.length)
      : undefined;
  }

  #tagsCode({ properties, propertiesStart, propertiesBytes }: RecordFields): number {
    // hot path
    return tagsCodeOfProperties(properties, propertiesStart, propertiesBytes, this.#tags);
  }

  #dispatchItems(message: PendingMessage, queue: ConsumeQueue): void {
    // hot path
    const { batchOffsets, messageCount, queueOffset, endPosition } = message;
    const codes = this.#codes;
    for (let index = 0; index < messageCount; index++) {
      const start = batchOffsets[index] as number;
      const end = index + 1 < messageCount ? (batchOffsets[index + 1] as number) : endPosition;
      queue.put(queueOffset + index, start, end - start, codes[index] as number);
    }
    this.#log.positions.setDispatched(endPosition);
    for (let index = 0; index < messageCount && queue.hasWaiters; index++)
      this.#dispatcher.onArrival(queue, queueOffset + index, codes[index] as number);
  }

  #showItem(item: RecordFields, index: number): void {
    // hot path
    const items = this.#items;
    item.flag = items.flags[index] as number;
    item.bodyStart = items.bodyStarts[index] as number;
    item.bodyBytes = items.bodyLengths[index] as number;
    item.propertiesStart = items.propertiesStart(index);
    item.propertiesBytes = items.propertiesLengths[index] as number;
  }
}
