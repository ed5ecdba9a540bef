import { join } from 'node:path';
import { type Disk, errorCode } from '../base/index.ts';
import type { Alarm } from './alarm.ts';
import { ConsumeQueue, type QueueOwner } from './consume-queue.ts';
import type { QueueFiles } from './queue-files.ts';
import { QueueReadAhead } from './queue-read-ahead.ts';

/**
 * While the abort marker is not durable, units stay in memory up to this many per queue: a power cut must not leave
 * half-written queues in a store that looks orderly closed.
 */
const HELD_UNITS_MAX = 1024 * 1024;

export interface QueueTableOptions {
  readonly folder: string;
  readonly tailUnitsMax: number;
}

/** All consume queues by topic and queue id. Queues are objects from their first use and files from their first unit. */
export class QueueTable implements QueueOwner {
  readonly files: QueueFiles;
  readonly readAhead = new QueueReadAhead();
  readonly tailUnitsMax: number;
  /** The disk refused units: appending must stop until it takes them, or memory would fill up. */
  isRefused = false;
  /** Set while no queue file may be written. */
  isHeld = false;
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #alarm: Alarm;
  readonly #topics = new Map<string, Map<number, ConsumeQueue>>();
  #dirty: ConsumeQueue[] = [];
  #serial = 0;

  constructor(disk: Disk, files: QueueFiles, alarm: Alarm, options: QueueTableOptions) {
    this.files = files;
    this.tailUnitsMax = options.tailUnitsMax;
    this.#disk = disk;
    this.#alarm = alarm;
    this.#folder = options.folder;
  }

  /** The queue, made on first use. */
  queue(topic: string, queueId: number): ConsumeQueue {
    let queues = this.#topics.get(topic);
    if (queues === undefined) {
      queues = new Map();
      this.#topics.set(topic, queues);
    }
    let queue = queues.get(queueId);
    if (queue === undefined) {
      queue = new ConsumeQueue(topic, queueId, join(this.#folder, topic, String(queueId)), this);
      queues.set(queueId, queue);
    }
    return queue;
  }

  find(topic: string, queueId: number): ConsumeQueue | undefined {
    return this.#topics.get(topic)?.get(queueId);
  }

  topics(): string[] {
    return [...this.#topics.keys()];
  }

  /** The queues of one topic, or of all. */
  queues(topic?: string): ConsumeQueue[] {
    if (topic !== undefined) return [...(this.#topics.get(topic)?.values() ?? [])];
    return [...this.#topics.values()].flatMap((queues) => [...queues.values()]);
  }

  /** Makes a queue object for each folder `<topic>/<queueId>`; folders of other names are left alone. */
  load(): void {
    for (const topic of this.#disk.list(this.#folder)) {
      if (this.#disk.stat(join(this.#folder, topic))?.kind !== 'folder') continue;
      for (const name of this.#disk.list(join(this.#folder, topic)))
        if (/^\d{1,9}$/.test(name)) this.queue(topic, Number(name));
    }
  }

  /** Drops a topic's queues with their files. */
  remove(topic: string): void {
    for (const queue of this.queues(topic)) {
      queue.isGone = true;
      queue.close();
    }
    this.#topics.delete(topic);
    this.#dirty = this.#dirty.filter((queue) => !queue.isGone);
    this.#disk.remove(join(this.#folder, topic));
  }

  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  markDirty(queue: ConsumeQueue): void {
    // hot path
    queue.isDirty = true;
    if (!queue.isGone) this.#dirty.push(queue);
  }

  writeNow(queue: ConsumeQueue): boolean {
    const isHeld = this.isHeld && queue.maxOffset - queue.writtenUnit < HELD_UNITS_MAX;
    if (isHeld || queue.isGone) return false;
    return this.#write(queue);
  }

  /** Writes the units of all queues to their files; false where the disk refuses or nothing may be written yet. */
  writeAll(): boolean {
    if (this.isHeld) return this.#dirty.length === 0;
    const dirty = this.#dirty;
    this.#dirty = [];
    let isComplete = true;
    for (const queue of dirty) {
      if (!queue.isDirty || this.#write(queue)) continue;
      this.#dirty.push(queue);
      isComplete = false;
    }
    this.isRefused = !isComplete;
    return isComplete;
  }

  get hasDirty(): boolean {
    return this.#dirty.length > 0;
  }

  close(): void {
    this.files.closeAll();
  }

  #write(queue: ConsumeQueue): boolean {
    try {
      queue.writeOut();
      return true;
    } catch (error) {
      if (errorCode(error) === 'ASSERTION') throw error;
      this.isRefused = true;
      this.#alarm.raise(error, `the consume queue ${queue.folder} cannot be written`);
      return false;
    }
  }
}
