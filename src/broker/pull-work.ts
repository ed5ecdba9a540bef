import type { TagFilter } from '../filter/index.ts';
import type { HeaderType } from '../protocol/index.ts';
import type { Peer } from '../transport/index.ts';

/**
 * One pull request on its way through its group and queue. The processor reuses one; a pull that waits for messages is
 * kept as a `clone`.
 */
export class PullWork {
  readonly kind = 'pull';
  peer: Peer | undefined;
  opaque = 0;
  headerType: HeaderType = 0;
  queueOffset = 0;
  maxMessages = 0;
  filter: TagFilter | undefined;
  /** Monotonic time until which the request may wait for messages; 0 when it may not wait. */
  waitUntilMs = 0;
  /** Set while it waits: a message that its filter matches has arrived, or what it asked for has been fetched. */
  isHit = false;

  clone(): PullWork {
    return Object.assign(new PullWork(), this);
  }
}
