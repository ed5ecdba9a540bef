import { assert } from '../base/index.ts';
import {
  type DelayLevels,
  equalsBytes,
  findProperty,
  parseDecimal,
  type RecordView,
  SYS_FLAG,
  SYSTEM_TOPIC,
  tagsCodeOfProperties,
} from '../message/index.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import type { LogReader } from './log-reader.ts';
import type { LogPositions } from './positions.ts';
import type { QueueTable } from './queue-table.ts';

/** Called for a record that became visible in a queue with waiters. */
export type ArrivalListener = (queue: ConsumeQueue, queueOffset: number, tagsCode: number) => void;

const DELAY = Buffer.from('DELAY');
const SCHEDULE_TOPIC = Buffer.from(SYSTEM_TOPIC.SCHEDULE);
/** Delivery of a delayed record whose level is unknown. */
const UNKNOWN_LEVEL_MS = 1000;

/**
 * Puts records into their queues by walking the log: after a flush under SYNC_FLUSH, and in recovery. Only ordinary and
 * committed records are indexed; half and rolled-back ones are not.
 * @source rocketmq 4.9.2 store/DefaultMessageStore.java ReputMessageService, CommitLog.java checkMessageAndReturnSize
 */
export class Dispatcher {
  onArrival: ArrivalListener = () => undefined;
  /** False: stop before a record that would leave a gap in its queue. */
  allowsGaps = true;
  readonly #queues: QueueTable;
  readonly #positions: LogPositions;
  readonly #reader: LogReader;
  readonly #delayLevels: DelayLevels;
  readonly #range = { start: 0, length: 0 };
  #lastQueue: ConsumeQueue | undefined;

  constructor(
    queues: QueueTable,
    positions: LogPositions,
    reader: LogReader,
    delayLevels: DelayLevels,
  ) {
    this.#queues = queues;
    this.#positions = positions;
    this.#reader = reader;
    this.#delayLevels = delayLevels;
  }

  /** Dispatches the records in [dispatched, end). */
  advance(end: number): void {
    const reached = this.walk(this.#positions.dispatched, end);
    assert(reached === end, `the log cannot be read at ${reached}, before ${end}`);
    this.#positions.setDispatched(end);
  }

  /** Dispatches the records in [start, end) and returns how far it came: `end`, or the record it could not pass. */
  walk(start: number, end: number): number {
    const reader = this.#reader;
    reader.seek(start, end);
    while (reader.position < end) {
      const kind = reader.next(false);
      if (kind === 'blank') continue;
      if (kind !== 'record' || !this.#dispatch(reader.buffer, reader.view)) return reader.position;
      reader.skip();
    }
    return reader.position;
  }

  /** Forgets which queue came last: it may have been deleted. */
  forget(): void {
    this.#lastQueue = undefined;
  }

  #dispatch(buffer: Buffer, view: RecordView): boolean {
    const type = view.sysFlag & SYS_FLAG.TRANSACTION_MASK;
    if (type === SYS_FLAG.TRANSACTION_PREPARED || type === SYS_FLAG.TRANSACTION_ROLLBACK)
      return true;
    const queue = this.#queueOf(buffer, view);
    if (!this.allowsGaps && queue.wouldSkip(view.queueOffset, view.commitLogOffset)) return false;
    const code = this.#tagsCode(buffer, view);
    const isNew = queue.put(view.queueOffset, view.commitLogOffset, view.recordBytes, code);
    if (isNew && queue.hasWaiters) this.onArrival(queue, view.queueOffset, code);
    return true;
  }

  #queueOf(buffer: Buffer, view: RecordView): ConsumeQueue {
    const last = this.#lastQueue;
    if (
      last !== undefined &&
      last.queueId === view.queueId &&
      equalsBytes(buffer, view.topicStart, view.topicBytes, last.topicBytes)
    )
      return last;
    const topic = buffer.toString('utf8', view.topicStart, view.topicStart + view.topicBytes);
    this.#lastQueue = this.#queues.queue(topic, view.queueId);
    return this.#lastQueue;
  }

  #tagsCode(buffer: Buffer, view: RecordView): number {
    const { propertiesStart, propertiesBytes } = view;
    if (equalsBytes(buffer, view.topicStart, view.topicBytes, SCHEDULE_TOPIC)) {
      const level = this.#delayLevel(buffer, propertiesStart, propertiesBytes);
      if (level > 0)
        return view.storeTimestamp + (this.#delayLevels.delayMs(level) || UNKNOWN_LEVEL_MS);
    }
    return tagsCodeOfProperties(buffer, propertiesStart, propertiesBytes, this.#range);
  }

  #delayLevel(buffer: Buffer, start: number, length: number): number {
    if (!findProperty(buffer, start, length, DELAY, this.#range)) return 0;
    return parseDecimal(buffer, this.#range.start, this.#range.start + this.#range.length);
  }
}
