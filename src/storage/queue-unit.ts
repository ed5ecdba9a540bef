import { readInt32BE, readInt64BE, writeInt32BE, writeInt64BE } from '../base/index.ts';

// Unit: [commitLogOffset int64][recordBytes int32][tagsCode int64]
// A filler stands where no record is: [0 int64][FILLER_BYTES int32][0 int64]

/** Bytes of a consume-queue unit. @source rocketmq 4.9.2 store/ConsumeQueue.java */
export const UNIT_BYTES = 20;
/** The record length in a filler unit. */
export const FILLER_BYTES = 0x7fffffff;

export function writeUnit(
  target: Buffer,
  at: number,
  commitLogOffset: number,
  recordBytes: number,
  tagsCode: number,
): void {
  // hot path
  writeInt64BE(target, at, commitLogOffset);
  writeInt32BE(target, at + 8, recordBytes);
  writeInt64BE(target, at + 12, tagsCode);
}

export function unitCommitLogOffset(source: Buffer, at: number): number {
  // hot path
  return readInt64BE(source, at);
}

export function unitRecordBytes(source: Buffer, at: number): number {
  // hot path
  return readInt32BE(source, at + 8);
}

/** The low 32 bits of the tags code: the tag's hash. */
export function unitTagsCode(source: Buffer, at: number): number {
  // hot path
  return readInt32BE(source, at + 16);
}

/**
 * Whether the code can be a tag's hash or a time. Addresses of RocketMQ's extended units (≤ -2^31 - 1) cannot: a filter
 * lets them pass.
 * @source rocketmq 4.9.2 store/ConsumeQueueExt.java isExtAddr
 */
export function isTagsCodeUsable(source: Buffer, at: number): boolean {
  // hot path
  const high = readInt32BE(source, at + 12);
  return high >= 0 || (high === -1 && readInt32BE(source, at + 16) < 0);
}

/** Units as a queue handed them out: `count` of them at `buffer[index…]`, valid until the queue is written again. */
export class UnitReader {
  buffer: Buffer = Buffer.alloc(0);
  index = 0;
  #memory: Buffer = Buffer.alloc(0);

  /** Room of exactly `bytes` for units read from a file. */
  room(bytes: number): Buffer {
    if (this.#memory.length < bytes) this.#memory = Buffer.alloc(bytes);
    this.buffer = this.#memory.subarray(0, bytes);
    this.index = 0;
    return this.buffer;
  }
}
