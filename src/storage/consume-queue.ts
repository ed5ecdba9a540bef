import type { QueueFileHandle, QueueFiles } from './queue-files.ts';
import type { QueueReadAhead } from './queue-read-ahead.ts';
import { FILLER_BYTES, UNIT_BYTES, type UnitReader, writeUnit } from './queue-unit.ts';

/** Units of a new queue's memory: thousands of quiet queues must be cheap. */
const TAIL_UNITS_FIRST = 16;
/** Units written or filled at a time when a file is prepared. */
const FILL_UNITS = 3276;

/** What a queue needs of the table that holds it. */
export interface QueueOwner {
  readonly files: QueueFiles;
  readonly readAhead: QueueReadAhead;
  readonly tailUnitsMax: number;
  /** A number no other queue has. */
  nextSerial(): number;
  /** A queue has units that are not in its file yet. */
  markDirty(queue: ConsumeQueue): void;
  /** Writes a queue's units now, because its memory is full; false where the disk refuses. */
  writeNow(queue: ConsumeQueue): boolean;
}

/**
 * The index of one topic queue: unit n points at the record with queue offset n.
 *
 * Q1: units [tailStart, maxOffset) are in `#tail`; units below writtenUnit are in the files; tailStart ≤ writtenUnit.
 * Q2: units grow in order of the log: a record that ends at or before `maxPhysicalPosition` is in the queue already.
 * @thread owner
 * @source rocketmq 4.9.2 store/ConsumeQueue.java
 */
export class ConsumeQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly topicBytes: Buffer;
  readonly folder: string;
  readonly serial: number;
  /** Changes when units in files are taken back. */
  fileVersion = 0;
  /** Queue offset the next appended record gets. Ahead of `maxOffset` while records wait for their flush. */
  nextQueueOffset = 0;
  minOffset = 0;
  /** One past the last record consumers may see. */
  maxOffset = 0;
  /** End of the last indexed record in the log. */
  maxPhysicalPosition = 0;
  /** Set while someone waits for the next record: `onArrival` is called only then. */
  hasWaiters = false;
  /** Free for the broker: its queue actor's state. */
  owner: unknown = undefined;
  /** In the owner's list of queues to write. */
  isDirty = false;
  /** The topic was deleted: nothing is written any more. */
  isGone = false;
  /** First unit of the first file. */
  firstUnit = 0;
  writtenUnit = 0;
  readonly #owner: QueueOwner;
  readonly #fileUnits: number;
  readonly #handles = new Map<number, QueueFileHandle>();
  #tail: Buffer = Buffer.alloc(TAIL_UNITS_FIRST * UNIT_BYTES);
  #tailStart = 0;
  /** Units [fillFrom, fillEnd) get fillers before the first unit of a file that begins in the middle. */
  #fillFrom = 0;
  #fillEnd = 0;

  constructor(topic: string, queueId: number, folder: string, owner: QueueOwner) {
    this.topic = topic;
    this.queueId = queueId;
    this.topicBytes = Buffer.from(topic);
    this.folder = folder;
    this.serial = owner.nextSerial();
    this.#owner = owner;
    this.#fileUnits = owner.files.fileBytes / UNIT_BYTES;
  }

  /**
   * Adds the unit of a record. A record indexed before is ignored, so a replay of the log is harmless; where units are
   * missing before `queueOffset`, fillers take their place, so that unit n stays the record with queue offset n.
   * @returns false where the record was ignored.
   */
  put(
    queueOffset: number,
    commitLogOffset: number,
    recordBytes: number,
    tagsCode: number,
  ): boolean {
    // hot path
    const recordEnd = commitLogOffset + recordBytes;
    if (recordEnd <= this.maxPhysicalPosition) return false; // Q2
    if (queueOffset !== this.maxOffset && !this.#align(queueOffset)) return false;
    this.#push(commitLogOffset, recordBytes, tagsCode);
    this.maxPhysicalPosition = recordEnd;
    return true;
  }

  /** Whether `put` would have to leave a gap between the units it has and this record's. */
  wouldSkip(queueOffset: number, commitLogOffset: number): boolean {
    return (
      this.maxOffset > 0 &&
      commitLogOffset >= this.maxPhysicalPosition &&
      queueOffset > this.maxOffset
    );
  }

  /**
   * Points `reader` at up to `unitsMax` units from `unit` on, of one file.
   * @returns how many; 0 outside [minOffset, maxOffset) or where the file is gone.
   */
  read(unit: number, unitsMax: number, reader: UnitReader): number {
    // hot path
    if (unit < this.firstUnit || unit >= this.maxOffset) return 0;
    const fileEnd = unit - (unit % this.#fileUnits) + this.#fileUnits;
    if (unit < this.#tailStart) {
      const available = Math.min(this.#tailStart, fileEnd) - unit;
      return Math.min(unitsMax, this.#owner.readAhead.read(this, unit, available, reader));
    }
    reader.buffer = this.#tail;
    reader.index = (unit - this.#tailStart) * UNIT_BYTES;
    return Math.min(unitsMax, this.maxOffset - unit, fileEnd - unit);
  }

  /** Reads `count` units of one file from the disk; false where the file is missing. */
  readFile(unit: number, count: number, reader: UnitReader): boolean {
    const position = (unit % this.#fileUnits) * UNIT_BYTES;
    const room = reader.room(count * UNIT_BYTES);
    return this.#owner.files.read(this.#handleOf(unit), position, room);
  }

  /** First unit of the file behind the one that holds `unit`. */
  nextFileUnit(unit: number): number {
    return unit - (unit % this.#fileUnits) + this.#fileUnits;
  }

  /** Puts all units into their files. @throws {StorageError} DISK_FULL; the units stay in memory. */
  writeOut(): void {
    if (this.#fillEnd > this.#fillFrom) this.#writeFillers();
    while (this.writtenUnit < this.maxOffset) {
      const unit = this.writtenUnit;
      const end = Math.min(this.maxOffset, this.nextFileUnit(unit));
      const from = (unit - this.#tailStart) * UNIT_BYTES;
      const to = (end - this.#tailStart) * UNIT_BYTES;
      this.writeFile(unit, this.#tail.subarray(from, to));
      this.writtenUnit = end;
    }
    this.isDirty = false;
  }

  /** Stores units of one file. */
  writeFile(unit: number, bytes: Buffer): void {
    const position = (unit % this.#fileUnits) * UNIT_BYTES;
    this.#owner.files.write(this.#handleOf(unit), position, bytes);
  }

  /** Makes the queue begin at `unit` with nothing in it, dropping all units and files. */
  restart(unit: number): void {
    this.removeFiles(0, Number.POSITIVE_INFINITY);
    this.setRange(unit, unit);
    this.firstUnit = unit - (unit % this.#fileUnits);
    this.minOffset = unit;
    this.maxPhysicalPosition = 0;
    this.#fillFrom = this.firstUnit;
    this.#fillEnd = unit;
  }

  /** States what the files hold: units [firstUnit, endUnit). */
  setRange(firstUnit: number, endUnit: number): void {
    this.fileVersion += 1;
    this.firstUnit = firstUnit;
    this.maxOffset = endUnit;
    this.nextQueueOffset = endUnit;
    this.writtenUnit = endUnit;
    this.#tailStart = endUnit;
    this.#fillFrom = 0;
    this.#fillEnd = 0;
  }

  /** Closes and deletes the files that begin at units in [from, to). */
  removeFiles(from: number, to: number): void {
    const { files } = this.#owner;
    this.fileVersion += 1;
    for (const start of files.starts(this.folder)) {
      const unit = start / UNIT_BYTES;
      if (unit < from || unit >= to) continue;
      files.remove(this.#handleOf(unit));
      this.#handles.delete(unit);
    }
    // Files that were closed or deleted by someone else leave handles behind.
    for (const [unit, handle] of this.#handles) {
      if (unit < from || unit >= to) continue;
      files.close(handle);
      this.#handles.delete(unit);
    }
  }

  close(): void {
    for (const handle of this.#handles.values()) this.#owner.files.close(handle);
    this.#handles.clear();
  }

  #push(commitLogOffset: number, recordBytes: number, tagsCode: number): void {
    // hot path
    let at = (this.maxOffset - this.#tailStart) * UNIT_BYTES;
    if (at === this.#tail.length) {
      this.#makeRoom();
      at = (this.maxOffset - this.#tailStart) * UNIT_BYTES;
    }
    writeUnit(this.#tail, at, commitLogOffset, recordBytes, tagsCode);
    this.maxOffset += 1;
    if (this.maxOffset > this.nextQueueOffset) this.nextQueueOffset = this.maxOffset;
    if (!this.isDirty) this.#owner.markDirty(this);
  }

  /** Brings the queue's end to `queueOffset`; false where the record is a repetition. */
  #align(queueOffset: number): boolean {
    if (this.maxOffset === 0 && this.firstUnit === 0) {
      this.restart(queueOffset);
      return true;
    }
    if (queueOffset === 0) {
      // The topic was deleted and began again at 0: the younger records are the queue.
      this.restart(0);
      return true;
    }
    if (queueOffset < this.maxOffset) return false;
    const missing = queueOffset - this.maxOffset;
    // A gap this large is a damaged number, not a loss. RocketMQ appends at the end then, and so does this.
    if (missing > this.#fileUnits) return true;
    for (let unit = 0; unit < missing; unit++) this.#push(0, FILLER_BYTES, 0);
    return true;
  }

  /** Makes room for at least one more unit: drops written units, or grows while the queue is busy. */
  #makeRoom(): void {
    const capacity = this.#tail.length / UNIT_BYTES;
    const unwritten = this.maxOffset - this.writtenUnit;
    // A disk that refuses must not lose units: the tail grows until the store has stopped appending.
    const mustGrow =
      unwritten * 2 > capacity &&
      (capacity < this.#owner.tailUnitsMax || !this.#owner.writeNow(this));
    if (mustGrow) {
      this.#grow();
      return;
    }
    const kept = Math.floor(capacity / 2);
    this.#tail.copyWithin(0, this.#tail.length - kept * UNIT_BYTES);
    this.#tailStart = this.maxOffset - kept; // Q1
  }

  #grow(): void {
    const grown = Buffer.alloc(this.#tail.length * 2);
    this.#tail.copy(grown);
    this.#tail = grown;
  }

  #writeFillers(): void {
    const units = Math.min(FILL_UNITS, this.#fillEnd - this.#fillFrom);
    const fillers = Buffer.alloc(units * UNIT_BYTES);
    for (let unit = 0; unit < units; unit++)
      writeUnit(fillers, unit * UNIT_BYTES, 0, FILLER_BYTES, 0);
    while (this.#fillFrom < this.#fillEnd) {
      const count = Math.min(units, this.#fillEnd - this.#fillFrom);
      this.writeFile(this.#fillFrom, fillers.subarray(0, count * UNIT_BYTES));
      this.#fillFrom += count;
    }
  }

  #handleOf(unit: number): QueueFileHandle {
    const firstUnit = unit - (unit % this.#fileUnits);
    let handle = this.#handles.get(firstUnit);
    if (handle === undefined) {
      handle = this.#owner.files.handle(this.folder, firstUnit * UNIT_BYTES);
      this.#handles.set(firstUnit, handle);
    }
    return handle;
  }
}
