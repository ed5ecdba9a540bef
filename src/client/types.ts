import type { MessageExt } from '../message/index.ts';

/** One queue of a topic on one broker. */
export interface MessageQueue {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
}

/** A message to be sent. */
export interface OutgoingMessage {
  readonly topic: string;
  /** 1 byte to 4 MiB. */
  readonly body: Uint8Array | string;
  /** What consumers filter by; one tag. */
  readonly tags?: string;
  /** Business keys, for queries; several are separated by one space. */
  readonly keys?: string | readonly string[];
  /** Properties of the application's own; reserved names are refused. */
  readonly properties?: Readonly<Record<string, string>>;
  /** A number of the application's own (default 0). */
  readonly flag?: number;
  /** False: the broker answers before it has flushed (default true). */
  readonly waitStoreMsgOk?: boolean;
}

/** What the broker did with a message. All of them mean that it is stored. */
export type SendStatus =
  | 'SEND_OK'
  | 'FLUSH_DISK_TIMEOUT'
  | 'FLUSH_SLAVE_TIMEOUT'
  | 'SLAVE_NOT_AVAILABLE';

/** Where a message was stored. */
export interface SendResult {
  readonly sendStatus: SendStatus;
  /** Unique id made by this client; for a batch the ids of its messages, joined by commas. */
  readonly msgId: string;
  /** Names the broker and its log position; for a batch joined by commas. */
  readonly offsetMsgId: string;
  readonly messageQueue: MessageQueue;
  /** Position in the queue, of the first message for a batch. */
  readonly queueOffset: number;
}

/**
 * A message as consumers receive it, decoded (and its body decompressed) when it is looked at. The messages of one pull share
 * the memory they were received in: whoever keeps one for long may copy what it needs.
 */
export interface ReceivedMessage extends MessageExt {
  /** The sender's unique id; the offset message id where it made none. */
  readonly msgId: string;
  readonly brokerName: string;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
}

/** Outcome of a pull. */
export type PullStatus =
  /** `messages` holds at least one. */
  | 'FOUND'
  /** The queue holds nothing from this offset on. */
  | 'NO_NEW_MSG'
  /** There are messages, but the tags match none of those looked at: go on at `nextBeginOffset`. */
  | 'NO_MATCHED_MSG'
  /** The offset is outside of what the queue holds: go on at `nextBeginOffset`. */
  | 'OFFSET_ILLEGAL';

/** What a pull gave. */
export interface PullResult {
  readonly status: PullStatus;
  /** Where to go on. */
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  /** The offset the next message of the queue will get. */
  readonly maxOffset: number;
  readonly messages: readonly ReceivedMessage[];
}

/** Ends a call early and bounds its time. */
export interface CallOptions {
  /** Milliseconds for the whole call (default 3000 unless the method says otherwise). */
  readonly timeoutMs?: number | undefined;
  /** Rejects the call with ABORTED; what was sent may take effect all the same. */
  readonly signal?: AbortSignal | undefined;
}
