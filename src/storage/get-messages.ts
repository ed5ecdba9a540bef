import type { Clock } from '../base/index.ts';
import { ADDRESSED_BYTES_MAX, ADDRESSED_MESSAGES_MAX, AddressTaker } from './address-taker.ts';
import type { Alarm } from './alarm.ts';
import { ColdReads } from './cold-reads.ts';
import type { CommitLog } from './commit-log.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import type { StoreSettings } from './options.ts';
import type { QueueFilter } from './queue-filter.ts';
import {
  FILLER_BYTES,
  isTagsCodeUsable,
  UNIT_BYTES,
  UnitReader,
  unitCommitLogOffset,
  unitRecordBytes,
  unitTagsCode,
} from './queue-unit.ts';
import { type LentRun, RecordTaker } from './record-taker.ts';
import { GetStatus } from './status.ts';

/** Where records are copied to: the connection's output, usually. `reserve` makes room and returns where it begins. */
export interface OutputTarget {
  buffer: Buffer;
  length: number;
  reserve(bytes: number): number;
}

/** What a read found: reusable, filled by `getMessages`. */
export class GetResult {
  status: GetStatus = GetStatus.NO_MESSAGE_IN_QUEUE;
  nextBeginOffset = 0;
  minOffset = 0;
  maxOffset = 0;
  messageCount = 0;
  /** Bytes of the records, appended to the output, lent or addressed. */
  bytes = 0;
  /** The reader is far behind: what it asked for may have left main memory. */
  isSlow = false;
  /** Set by readers that send from where the records lie: see `runs`. */
  canLend = false;
  /** Set by readers that read the log themselves: the output gets addresses (`writeLogRun`), and its own limits hold. */
  asAddresses = false;
  /** What lies in the log and not in the output. The reader releases each of them. */
  readonly runs: LentRun[] = [];
  /** Set by readers that can come again: a record that is not in main memory is not read, see `isCold`. */
  canWait = false;
  /** Nothing was read: `ColdReads.fetch` brings in what the reader has to wait for. */
  isCold = false;
  coldPosition = 0;
  coldBytes = 0;
}

const NOTHING = (): void => undefined;

/** Units looked at in one call, at least; more where more messages are asked for. */
const SCAN_UNITS_MAX = 800;
/** Units fetched at a time. */
const FETCH_UNITS = 64;

/** Reads records by queue offset. @source rocketmq 4.9.2 store/DefaultMessageStore.java getMessage */
export class MessageGetter {
  readonly cold: ColdReads;
  readonly #log: CommitLog;
  readonly #settings: StoreSettings;
  readonly #alarm: Alarm;
  readonly #inMemoryBytes: number;
  readonly #reader = new UnitReader();
  readonly #taker: RecordTaker;
  readonly #addresses: AddressTaker;

  constructor(log: CommitLog, settings: StoreSettings, alarm: Alarm, clock: Clock) {
    this.cold = new ColdReads(log.segments, log.positions, clock);
    this.#taker = new RecordTaker(log);
    this.#addresses = new AddressTaker(log);
    this.#log = log;
    this.#alarm = alarm;
    this.#settings = settings;
    this.#inMemoryBytes = (settings.memoryBytes / 100) * settings.accessMessageInMemoryMaxRatio;
  }

  /** Whether a record this far behind the log's end counts as having left main memory. */
  isInDisk(commitLogOffset: number): boolean {
    // hot path
    return this.#log.positions.appended - commitLogOffset > this.#inMemoryBytes;
  }

  get(
    queue: ConsumeQueue,
    queueOffset: number,
    messagesMax: number,
    filter: QueueFilter | undefined,
    output: OutputTarget,
    result: GetResult,
  ): GetStatus {
    // hot path
    const { minOffset, maxOffset } = queue;
    result.minOffset = minOffset;
    result.maxOffset = maxOffset;
    result.messageCount = 0;
    result.bytes = 0;
    result.isSlow = false;
    result.isCold = false;
    result.runs.length = 0;
    if (maxOffset === 0) return finish(result, GetStatus.NO_MESSAGE_IN_QUEUE, 0);
    if (queueOffset < minOffset) return finish(result, GetStatus.OFFSET_TOO_SMALL, minOffset);
    if (queueOffset === maxOffset)
      return finish(result, GetStatus.OFFSET_OVERFLOW_ONE, queueOffset);
    if (queueOffset > maxOffset)
      return finish(result, GetStatus.OFFSET_OVERFLOW_BADLY, minOffset === 0 ? 0 : maxOffset);
    if (result.asAddresses) this.#addresses.begin();
    else this.#taker.begin();
    if (result.canWait) this.cold.begin();
    return this.#scan(queue, queueOffset, messagesMax, filter, output, result);
  }

  #scan(
    queue: ConsumeQueue,
    queueOffset: number,
    messagesMax: number,
    filter: QueueFilter | undefined,
    output: OutputTarget,
    result: GetResult,
  ): GetStatus {
    // hot path
    const { cold } = this;
    const log = this.#log;
    const reader = this.#reader;
    const scanEnd = Math.min(
      queueOffset + Math.max(SCAN_UNITS_MAX, messagesMax),
      queue.nextFileUnit(queueOffset),
      queue.maxOffset,
    );
    let status: GetStatus = GetStatus.NO_MATCHED_MESSAGE;
    let unit = queueOffset;
    /** After a record that is gone: units before the next segment are gone with it. */
    let goneBefore = -1;
    let lastOffset = -1;
    scan: while (unit < scanEnd) {
      const count = queue.read(unit, Math.min(FETCH_UNITS, scanEnd - unit), reader);
      if (count === 0) break;
      for (let left = count, at = reader.index; left > 0; left--, at += UNIT_BYTES, unit++) {
        const offset = unitCommitLogOffset(reader.buffer, at);
        const bytes = unitRecordBytes(reader.buffer, at);
        if (bytes === FILLER_BYTES || offset < goneBefore) continue;
        lastOffset = offset;
        if (this.#isFull(offset, bytes, messagesMax, result)) break scan;
        if (filter !== undefined && !isMatch(filter, reader.buffer, at)) continue;
        if (!log.isReadable(offset, bytes)) {
          if (result.messageCount === 0) status = GetStatus.MESSAGE_WAS_REMOVING;
          goneBefore = log.nextSegmentStart(offset);
          continue;
        }
        const isNoted = offset >= cold.warmStart && offset + bytes <= cold.warmEnd;
        if (!isNoted && result.canWait && !cold.isWarm(offset, bytes)) {
          noteCold(result, offset, bytes);
          break scan;
        }
        if (!this.#take(offset, bytes, output, result)) {
          this.#reportDamage(offset);
          continue;
        }
        result.messageCount += 1;
        result.bytes += bytes;
        status = GetStatus.FOUND;
      }
    }
    if (!result.asAddresses) this.#taker.end(output, result);
    if (result.isCold && this.#isPostponed(result)) return finish(result, status, unit);
    if (unit === queueOffset)
      return finish(result, GetStatus.OFFSET_FOUND_NULL, queue.nextFileUnit(queueOffset));
    result.isSlow = lastOffset >= 0 && this.isInDisk(lastOffset);
    if (result.canWait && lastOffset >= 0) this.cold.readAhead(lastOffset);
    return finish(result, status, unit);
  }

  #take(offset: number, bytes: number, output: OutputTarget, result: GetResult): boolean {
    // hot path
    if (result.asAddresses) return this.#addresses.take(offset, bytes, output);
    return this.#taker.take(offset, bytes, output, result);
  }

  /** Whether the reader has to come again: it gets nothing else. What is cold behind other records is fetched for later. */
  #isPostponed(result: GetResult): boolean {
    if (result.messageCount === 0) return true;
    result.isCold = false;
    this.cold.fetch(result.coldPosition, result.coldBytes, NOTHING);
    return false;
  }

  /** Damage outside of what recovery checks. One such record must not keep a consumer from all behind it. */
  #reportDamage(commitLogOffset: number): void {
    const reason = new Error(`no record at ${commitLogOffset}, where a consume queue points`);
    this.#alarm.raise(reason, 'a damaged record was passed over');
  }

  /** Whether the unit at hand stays out: the response has what it may carry. */
  #isFull(offset: number, bytes: number, messagesMax: number, result: GetResult): boolean {
    // hot path
    const { messageCount } = result;
    if (messageCount === 0) return false;
    if (messageCount >= messagesMax) return true;
    if (result.asAddresses)
      return messageCount >= ADDRESSED_MESSAGES_MAX || result.bytes + bytes > ADDRESSED_BYTES_MAX;
    const settings = this.#settings;
    if (this.isInDisk(offset))
      return (
        result.bytes + bytes > settings.maxTransferBytesOnMessageInDisk ||
        messageCount >= settings.maxTransferCountOnMessageInDisk
      );
    return (
      result.bytes + bytes > settings.maxTransferBytesOnMessageInMemory ||
      messageCount >= settings.maxTransferCountOnMessageInMemory
    );
  }
}

function noteCold(result: GetResult, position: number, bytes: number): void {
  result.isCold = true;
  result.coldPosition = position;
  result.coldBytes = bytes;
}

function isMatch(filter: QueueFilter, units: Buffer, at: number): boolean {
  // hot path
  return !isTagsCodeUsable(units, at) || filter.matches(unitTagsCode(units, at));
}

function finish(result: GetResult, status: GetStatus, nextBeginOffset: number): GetStatus {
  // hot path
  result.status = status;
  result.nextBeginOffset = nextBeginOffset;
  return status;
}
