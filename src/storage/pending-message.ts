import { RecordFields } from '../message/index.ts';
import type { ConsumeQueue } from './consume-queue.ts';

/**
 * What the store is asked to append, and what came of it: one reusable object per store. The caller fills the fields of
 * the record but `queueId`, `topic…`, `queueOffset`, `commitLogOffset` and `storeTimestamp`, which the store sets.
 *
 * For a batch, `body` holds the items as they were sent and `properties` those of the whole request.
 */
export class PendingMessage extends RecordFields {
  /** Where the message goes. */
  queue: ConsumeQueue | undefined = undefined;
  /** Code of the message's tag (0 for none), or the delivery time of a delayed one. A batch computes its own. */
  tagsCode = 0;
  /** Out: bytes stored, of all records of a batch. */
  recordBytes = 0;
  /** Out: log position behind the last stored byte. Once `flushedPosition` reaches it, the message is durable. */
  endPosition = 0;
  /** Out: records stored, 1 for a single message. */
  messageCount = 0;
  /** Out, for a batch: commit-log offsets of its records; the first `messageCount` entries count. */
  readonly batchOffsets: number[] = [];
}
