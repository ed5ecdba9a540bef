import { ManualClock, ManualScheduler, silentLogger } from '../../src/base/index.ts';
import { encodeRecord, RecordFields, recordBytes } from '../../src/message/index.ts';
import { Alarm } from '../../src/storage/alarm.ts';
import { CommitLog } from '../../src/storage/commit-log.ts';
import { MemoryDisk, type MemoryDiskOptions } from '../../src/storage/index.ts';
import { LogReader } from '../../src/storage/log-reader.ts';
import { LogSegments } from '../../src/storage/log-segments.ts';
import { LogPositions } from '../../src/storage/positions.ts';
import { PutStatus } from '../../src/storage/status.ts';

/** A commit log alone, on a simulated disk. */
export class LogFixture {
  readonly clock = new ManualClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly disk: MemoryDisk;
  readonly segmentBytes: number;
  segments: LogSegments;
  positions: LogPositions;
  log: CommitLog;
  readonly #fields = new RecordFields();

  constructor(segmentBytes = 2048, options: Partial<MemoryDiskOptions> = {}) {
    const { clock, scheduler } = this;
    this.segmentBytes = segmentBytes;
    this.disk = new MemoryDisk({ clock, scheduler, ...options });
    this.disk.makeFolder('/log');
    this.segments = new LogSegments(this.disk, '/log', segmentBytes);
    this.positions = new LogPositions();
    this.log = this.#create();
    this.log.start();
  }

  /** The process dies; the log goes on at `end`. */
  reopen(end = this.positions.appended): void {
    this.disk.killProcess();
    this.segments = new LogSegments(this.disk, '/log', this.segmentBytes);
    this.segments.load();
    this.positions = new LogPositions();
    this.positions.appended = end;
    this.log = this.#create();
  }

  /** Appends a record and returns its position, or -1. */
  put(body: string | Buffer, topic = 'T', queueOffset = 0): number {
    const fields = this.#fields;
    fields.bornHost = Buffer.alloc(4, 1);
    fields.storeHost = Buffer.alloc(4, 2);
    fields.topic = Buffer.from(topic);
    fields.topicBytes = fields.topic.length;
    fields.body = Buffer.from(body);
    fields.bodyBytes = fields.body.length;
    fields.queueOffset = queueOffset;
    fields.storeTimestamp = this.clock.now();
    const bytes = recordBytes(fields);
    if (this.log.claim(bytes) !== PutStatus.PUT_OK) return -1;
    fields.commitLogOffset = this.positions.appended;
    encodeRecord(this.log.window, this.log.windowIndex, fields);
    this.log.commit(bytes);
    this.log.writeOut();
    return fields.commitLogOffset;
  }

  /** Positions of the records from `start` on, and the kind that ended the walk. */
  walk(start = 0, limit = this.positions.appended): { found: number[]; ended: string } {
    const reader = new LogReader(this.segments);
    reader.seek(start, limit);
    const found: number[] = [];
    while (reader.position < limit) {
      const { position } = reader;
      const kind = reader.next(true);
      if (kind === 'blank') continue;
      if (kind !== 'record') return { found, ended: kind };
      found.push(position);
      reader.skip();
    }
    return { found, ended: 'limit' };
  }

  /** Overwrites stored bytes, as a failing disk would. */
  damage(position: number, bytes: Uint8Array): void {
    const base = position - (position % this.segmentBytes);
    const file = this.disk.openFile(this.segments.pathOf(base), { create: false, bytes: 0 });
    file.write(position - base, bytes);
    file.close();
  }

  #create(): CommitLog {
    const { scheduler } = this;
    const alarm = new Alarm(this.clock, silentLogger);
    return new CommitLog(this.segments, this.positions, {
      scheduler,
      logger: silentLogger,
      alarm,
      isSync: true,
    });
  }
}
