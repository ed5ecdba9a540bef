import { PutStatus } from '../storage/index.ts';
import type { Peer } from '../transport/index.ts';
import type { PullWork } from './pull-work.ts';

/** Appends the store's scratch message to the queue; the outcome is left in `status`. */
export class SendWork {
  readonly kind = 'send';
  status: PutStatus = PutStatus.PUT_OK;
}

/** Appends the batch in the store's scratch message, all or nothing. */
export class SendBatchWork {
  readonly kind = 'sendBatch';
  status: PutStatus = PutStatus.PUT_OK;
}

/** Asks for, renews or gives back the lease of a queue that is consumed in order. */
export class LockWork {
  readonly kind = 'lock';
  isUnlock = false;
  consumerGroup = '';
  clientId = '';
  /** Outcome: the client holds the lease now. */
  isHeld = false;
}

export type QueueMessage =
  | SendWork
  | SendBatchWork
  | PullWork
  | LockWork
  /** Messages arrived that waiting pulls asked for. */
  | { readonly kind: 'arrived' }
  /** Old messages that postponed pulls asked for are in main memory. */
  | { readonly kind: 'fetched' }
  /** Time to answer the pulls that waited long enough. */
  | { readonly kind: 'expire' }
  /** A connection is gone: what waits for it is dropped. */
  | { readonly kind: 'peerClosed'; readonly peer: Peer }
  /** A client is gone: its lease ends. */
  | { readonly kind: 'clientGone'; readonly clientId: string };
