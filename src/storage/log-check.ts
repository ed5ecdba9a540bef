import type { Logger } from '../base/index.ts';
import { BLANK_BYTES_MIN, SYS_FLAG } from '../message/index.ts';
import type { LogReader } from './log-reader.ts';
import { DAMAGED_TOPIC, type LogRepair } from './log-repair.ts';
import { lookAhead } from './log-scan.ts';
import type { LogSegments } from './log-segments.ts';

export interface LogCheckOptions {
  /** Records stored up to this time are in their queues for certain. */
  readonly trustedMs: number;
  /** Zeros behind a bad record after which nothing more is looked for. */
  readonly zeroBytesMax: number;
}

/** What a check of the log found, and left. */
export interface LogState {
  /** End of the last valid record. */
  readonly end: number;
  /** Records from here on may be missing from their queues. */
  readonly replayFrom: number;
  /** Store time of the youngest record checked, or 0. */
  readonly lastStoreTimestamp: number;
  /** The log holds fillers, or got some now: gaps in queues are expected. */
  readonly hasFillers: boolean;
  /** Fillers were written now. */
  readonly wasRepaired: boolean;
  /** Bytes behind the end were cleared now: that must be durable before anything is written there. */
  readonly wasCleared: boolean;
}

/**
 * Reads a log record by record from a trusted position on, checksums included, and mends it: a bad record with a valid
 * one behind it is damage and gets a filler; without one it is the torn end, and is cut off.
 */
export class LogCheck {
  readonly #segments: LogSegments;
  readonly #reader: LogReader;
  readonly #repair: LogRepair;
  readonly #logger: Logger;
  readonly #options: LogCheckOptions;
  #replayFrom = -1;
  #lastStoreTimestamp = 0;
  #hasFillers = false;
  #wasRepaired = false;
  #wasCleared = false;

  constructor(
    segments: LogSegments,
    reader: LogReader,
    repair: LogRepair,
    logger: Logger,
    options: LogCheckOptions,
  ) {
    this.#segments = segments;
    this.#reader = reader;
    this.#repair = repair;
    this.#logger = logger;
    this.#options = options;
  }

  run(start: number): LogState {
    this.#replayFrom = -1;
    const end = this.#readOn(start);
    return {
      end,
      replayFrom: this.#replayFrom < 0 ? end : this.#replayFrom,
      lastStoreTimestamp: this.#lastStoreTimestamp,
      hasFillers: this.#hasFillers,
      wasRepaired: this.#wasRepaired,
      wasCleared: this.#wasCleared,
    };
  }

  /** Reads to the log's end and returns it. */
  #readOn(start: number): number {
    const reader = this.#reader;
    const last = this.#segments.last();
    const logEnd = last === undefined ? start : last.base + this.#segments.segmentBytes;
    let blankAt = -1;
    reader.seek(start, logEnd);
    while (reader.position < logEnd) {
      const { position } = reader;
      const kind = reader.next(true);
      blankAt = kind === 'blank' ? position : -1;
      if (kind === 'record') this.#accept(position);
      else if (kind !== 'blank') {
        const readsOnAt = this.#mend(position);
        if (readsOnAt < 0) return position;
        reader.seek(readsOnAt, logEnd);
      }
    }
    if (blankAt < 0) return reader.position;
    // A blank with no segment behind it: the log ends before it, and it is written again.
    this.#clear(blankAt, blankAt + BLANK_BYTES_MIN);
    return blankAt;
  }

  #accept(position: number): void {
    const { view } = this.#reader;
    if (this.#replayFrom < 0 && view.storeTimestamp > this.#options.trustedMs)
      this.#replayFrom = position;
    this.#lastStoreTimestamp = Math.max(this.#lastStoreTimestamp, view.storeTimestamp);
    this.#hasFillers ||= isDamageFiller(this.#reader);
    this.#reader.skip();
  }

  /** Deals with a record that cannot be read. @returns where reading goes on, or -1: the log ends here */
  #mend(bad: number): number {
    const ahead = lookAhead(this.#segments, this.#reader, bad, this.#options.zeroBytesMax);
    if (ahead.next < 0) {
      this.#cut(bad, ahead.dirtyEnd);
      return -1;
    }
    if (this.#replayFrom < 0) this.#replayFrom = bad;
    this.#hasFillers = true;
    this.#wasRepaired = true;
    return this.#repair.fill(bad, ahead.next, this.#lastStoreTimestamp || 1, this.#reader);
  }

  /** Ends the log at `end`: clears what stands behind it and deletes later segments. */
  #cut(end: number, dirtyEnd: number): void {
    if (dirtyEnd > end) {
      const facts = { end, bytes: dirtyEnd - end };
      this.#logger.warn(facts, 'the commit log ended in an incomplete record, which was cut off');
      this.#clear(end, dirtyEnd);
    }
    const segments = this.#segments;
    for (let last = segments.last(); last !== undefined && last.base > end; last = segments.last())
      segments.removeLast();
  }

  #clear(start: number, end: number): void {
    this.#repair.clear(start, end);
    this.#wasCleared = true;
  }
}

/** Whether the record a reader found is one that a repair put there. */
export function isDamageFiller({ buffer, view }: LogReader): boolean {
  const { topicStart, topicBytes, sysFlag } = view;
  if ((sysFlag & SYS_FLAG.TRANSACTION_MASK) !== SYS_FLAG.TRANSACTION_ROLLBACK) return false;
  const topic = buffer.toString('latin1', topicStart, topicStart + topicBytes);
  return topic !== '' && DAMAGED_TOPIC.startsWith(topic);
}
