import type { TagFilter } from '../filter/index.ts';
import type { ConsumerData, SubscriptionData } from '../protocol/index.ts';
import type { Peer } from '../transport/index.ts';

/** A client of a group, as its heartbeat described it. */
export interface ClientFacts {
  readonly peer: Peer;
  readonly clientId: string;
  readonly language: string;
  readonly version: number;
}

/** Checks a pull against the group's registered subscription and commits the offset it carries. */
export class AdmitWork {
  readonly kind = 'admit';
  topic = '';
  queueId = 0;
  /** Offset to commit, or -1. */
  commitOffset = -1;
  /** True when the request brought its own subscription. */
  hasSubscription = false;
  subVersion = 0;
  isBroadcastAllowed = true;
  /** Outcome: response code 0, or why the pull is refused. */
  code = 0;
  remark = '';
  filter: TagFilter | undefined;
}

/** Reads or commits one offset. */
export class OffsetWork {
  readonly kind = 'offset';
  topic = '';
  queueId = 0;
  /** Offset to commit, or -1 to read. */
  commitOffset = -1;
  /** Outcome of a read: the committed offset, or -1. */
  queueOffset = -1;
}

/** What a group looks like from outside. */
export interface GroupView {
  readonly members: readonly ClientFacts[];
  readonly consumeType: ConsumerData['consumeType'];
  readonly messageModel: ConsumerData['messageModel'];
  readonly consumeFromWhere: ConsumerData['consumeFromWhere'];
  readonly subscriptions: ReadonlyMap<string, SubscriptionData>;
}

/** Asks for the group's members and subscriptions. */
export class ViewWork {
  readonly kind = 'view';
  view: GroupView | undefined;
}

export type ConsumerGroupMessage =
  | AdmitWork
  | OffsetWork
  | ViewWork
  | {
      readonly kind: 'heartbeat';
      readonly client: ClientFacts;
      readonly data: ConsumerData;
      readonly isNotified: boolean;
    }
  /** A client left, by its own word or with its connection. */
  | { readonly kind: 'leave'; readonly peer: Peer; readonly isNotified: boolean }
  /** Time to drop members that were silent for too long. */
  | { readonly kind: 'expire' };
