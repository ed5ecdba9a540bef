import { ManualClock, ManualScheduler, silentLogger } from '../../src/base/index.ts';
import { Alarm } from '../../src/storage/alarm.ts';
import type { ConsumeQueue } from '../../src/storage/consume-queue.ts';
import { MemoryDisk } from '../../src/storage/index.ts';
import { QueueFiles } from '../../src/storage/queue-files.ts';
import { QueueTable } from '../../src/storage/queue-table.ts';
import {
  UNIT_BYTES,
  UnitReader,
  unitCommitLogOffset,
  unitRecordBytes,
} from '../../src/storage/queue-unit.ts';

export const FOLDER = '/consumequeue';

/** Consume queues alone, on a simulated disk; ten units a file unless told otherwise. */
export class QueueFixture {
  readonly clock = new ManualClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly disk: MemoryDisk;
  files: QueueFiles;
  table: QueueTable;
  readonly #fileBytes: number;
  readonly #openMax: number;

  constructor(fileUnits = 10, openMax = 4) {
    this.disk = new MemoryDisk({ clock: this.clock, scheduler: this.scheduler });
    this.#fileBytes = fileUnits * UNIT_BYTES;
    this.#openMax = openMax;
    this.files = new QueueFiles(this.disk, this.#fileBytes, openMax);
    this.table = this.#create();
  }

  /** The process dies: what was written to files is all there is. */
  reopen(): void {
    this.disk.killProcess();
    this.files = new QueueFiles(this.disk, this.#fileBytes, this.#openMax);
    this.table = this.#create();
    this.table.load();
  }

  queue(topic = 'T', queueId = 0): ConsumeQueue {
    return this.table.queue(topic, queueId);
  }

  #create(): QueueTable {
    const alarm = new Alarm(this.clock, silentLogger);
    return new QueueTable(this.disk, this.files, alarm, { folder: FOLDER, tailUnitsMax: 32 });
  }
}

/** Units [from, to) of a queue as `[commitLogOffset, recordBytes]`, read as a consumer reads. */
export function unitsOf(
  queue: ConsumeQueue,
  from = queue.minOffset,
  to = queue.maxOffset,
): [number, number][] {
  const reader = new UnitReader();
  const units: [number, number][] = [];
  for (let unit = from; unit < to; ) {
    const count = queue.read(unit, to - unit, reader);
    if (count === 0) throw new Error(`no units at ${unit}`);
    for (let index = 0; index < count; index++) {
      const at = reader.index + index * UNIT_BYTES;
      units.push([unitCommitLogOffset(reader.buffer, at), unitRecordBytes(reader.buffer, at)]);
    }
    unit += count;
  }
  return units;
}

/** Puts `count` units of 100-byte records, from queue offset `first` on. */
export function putUnits(queue: ConsumeQueue, count: number, first = queue.maxOffset): void {
  for (let unit = first; unit < first + count; unit++) queue.put(unit, unit * 100, 100, unit);
}
