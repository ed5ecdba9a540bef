import { type Disk, type DiskFile, readInt64BE, writeInt64BE } from '../base/index.ts';

// Layout: [physicMsgTimestamp int64][logicsMsgTimestamp int64][indexMsgTimestamp int64], then zeros up to 4,096 bytes.

/** @source rocketmq 4.9.2 store/StoreCheckpoint.java */
export const CHECKPOINT_BYTES = 4096;
const USED_BYTES = 24;
/** What is subtracted because the three times are not taken at one instant. */
const SLACK_MS = 3000;

/** Up to which store time the files are complete on the disk: log, consume queues, index. */
export interface CheckpointTimes {
  physicMsgTimestamp: number;
  logicsMsgTimestamp: number;
  indexMsgTimestamp: number;
}

/** Store time up to which log and queues are complete: recovery after a crash begins no later. */
export function minTimestamp(times: CheckpointTimes): number {
  return Math.max(0, Math.min(times.physicMsgTimestamp, times.logicsMsgTimestamp) - SLACK_MS);
}

/** The same with the index, for those who need it complete. */
export function minTimestampIndex(times: CheckpointTimes): number {
  return Math.min(minTimestamp(times), times.indexMsgTimestamp);
}

/** The used bytes of a checkpoint file. */
export function encodeCheckpoint(times: CheckpointTimes): Buffer {
  const bytes = Buffer.alloc(USED_BYTES);
  writeInt64BE(bytes, 0, times.physicMsgTimestamp);
  writeInt64BE(bytes, 8, times.logicsMsgTimestamp);
  writeInt64BE(bytes, 16, times.indexMsgTimestamp);
  return bytes;
}

/** The times in a checkpoint file; zeros where it is missing or too short. */
export function decodeCheckpoint(bytes: Buffer | undefined): CheckpointTimes {
  if (bytes === undefined || bytes.length < USED_BYTES)
    return { physicMsgTimestamp: 0, logicsMsgTimestamp: 0, indexMsgTimestamp: 0 };
  return {
    physicMsgTimestamp: readInt64BE(bytes, 0),
    logicsMsgTimestamp: readInt64BE(bytes, 8),
    indexMsgTimestamp: readInt64BE(bytes, 16),
  };
}

/** The checkpoint file of an open store. */
export class Checkpoint {
  readonly times: CheckpointTimes;
  readonly #disk: Disk;
  readonly #path: string;
  #file: DiskFile | undefined;
  #isSyncing = false;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
    this.times = decodeCheckpoint(disk.readFile(path));
  }

  /** Stores the times and makes them durable. Nothing is done while an earlier save is on its way. */
  save(done: (error?: Error) => void): void {
    if (this.#isSyncing) {
      done();
      return;
    }
    const file = this.#open();
    // 24 bytes at the start of a sector: a power cut leaves the old or the new ones.
    file.write(0, encodeCheckpoint(this.times));
    this.#isSyncing = true;
    file.sync((error) => {
      this.#isSyncing = false;
      done(error);
    });
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): DiskFile {
    if (this.#file !== undefined) return this.#file;
    const facts = this.#disk.stat(this.#path);
    if (facts !== undefined && facts.bytes !== CHECKPOINT_BYTES) this.#disk.remove(this.#path);
    this.#file = this.#disk.openFile(this.#path, { create: true, bytes: CHECKPOINT_BYTES });
    return this.#file;
  }
}
