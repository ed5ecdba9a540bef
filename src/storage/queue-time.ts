import { join } from 'node:path';
import { type Disk, readInt32BE, readInt64BE } from '../base/index.ts';
import { hostExtraBytes, RECORD_AT, SYS_FLAG } from '../message/index.ts';
import type { CommitLog } from './commit-log.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import { segmentName } from './paths.ts';
import {
  FILLER_BYTES,
  UNIT_BYTES,
  UnitReader,
  unitCommitLogOffset,
  unitRecordBytes,
} from './queue-unit.ts';

/** Bytes of a record that hold its store time, wherever an IPv6 born host moves it. */
const HEAD_BYTES = RECORD_AT.storeTimestamp + hostExtraBytes(SYS_FLAG.BORN_HOST_V6) + 8;

/** Store time of the record at a log position, or -1 where the log does not hold it. */
export function storeTimestampOf(log: CommitLog, commitLogOffset: number): number {
  const head = log.read(commitLogOffset, HEAD_BYTES);
  if (head === undefined) return -1;
  const sysFlag = readInt32BE(head, RECORD_AT.sysFlag);
  const extra = hostExtraBytes(sysFlag & SYS_FLAG.BORN_HOST_V6);
  return readInt64BE(head, RECORD_AT.storeTimestamp + extra);
}

/**
 * The queue offset whose record was stored nearest to `timestampMs`, the older one of two equally near; 0 in an empty
 * queue. The file is chosen by its modification time, as RocketMQ does.
 * @source rocketmq 4.9.2 store/ConsumeQueue.java getOffsetInQueueByTime
 */
export function queueOffsetByTime(
  queue: ConsumeQueue,
  timestampMs: number,
  log: CommitLog,
  disk: Disk,
): number {
  if (queue.maxOffset === queue.minOffset) return 0;
  const fileUnit = fileUnitByTime(queue, timestampMs, disk);
  const low = Math.max(queue.minOffset, fileUnit);
  const high = Math.min(queue.maxOffset, queue.nextFileUnit(fileUnit)) - 1;
  const found = nearest(queue, log, timestampMs, low, high);
  return Math.max(found, 0);
}

/** First unit of the first file written at or after the time; of the last file where all are older. */
function fileUnitByTime(queue: ConsumeQueue, timestampMs: number, disk: Disk): number {
  let fileUnit = queue.firstUnit;
  for (;;) {
    const next = queue.nextFileUnit(fileUnit);
    if (next >= queue.maxOffset) return fileUnit;
    const facts = disk.stat(join(queue.folder, segmentName(fileUnit * UNIT_BYTES)));
    if (facts !== undefined && facts.modifiedMs >= timestampMs) return fileUnit;
    fileUnit = next;
  }
}

function nearest(
  queue: ConsumeQueue,
  log: CommitLog,
  timestampMs: number,
  first: number,
  last: number,
): number {
  const reader = new UnitReader();
  let low = first;
  let high = last;
  let older = -1;
  let olderMs = -1;
  let younger = -1;
  let youngerMs = -1;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    if (queue.read(middle, 1, reader) === 0) return 0;
    const commitLogOffset = unitCommitLogOffset(reader.buffer, reader.index);
    const isFiller = unitRecordBytes(reader.buffer, reader.index) === FILLER_BYTES;
    if (isFiller || commitLogOffset < log.positions.minimum) {
      low = middle + 1;
      older = middle;
      continue;
    }
    const storeMs = storeTimestampOf(log, commitLogOffset);
    if (storeMs < 0) return 0;
    if (storeMs === timestampMs) return middle;
    if (storeMs > timestampMs) {
      high = middle - 1;
      younger = middle;
      youngerMs = storeMs;
    } else {
      low = middle + 1;
      older = middle;
      olderMs = storeMs;
    }
  }
  if (olderMs === -1) return younger === -1 ? older : younger;
  if (youngerMs === -1) return older;
  return timestampMs - olderMs > youngerMs - timestampMs ? younger : older;
}
