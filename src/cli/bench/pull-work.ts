import { PULL_FLAG } from '../../message/index.ts';
import {
  encodeCommand,
  type HeaderType,
  PullMessage,
  ResponseCode,
  requestCommand,
} from '../../protocol/index.ts';
import type { AnswerView } from './answer-view.ts';
import type { Work } from './load-link.ts';

/** What is pulled. */
export interface PullShape {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly maxMessages: number;
  readonly headerType: HeaderType;
  /** Starts a queue again from its first message once it is read. */
  readonly isRepeated: boolean;
}

const NEXT_BEGIN_OFFSET = Buffer.from('nextBeginOffset');
const REQUEST_BYTES_MAX = 1024;

/** Reads queues from their first message to their last; each slot is one queue. */
export class PullWork implements Work {
  readonly messagesPerRequest = 0;
  readonly requestBytesMax: number;
  readonly #shape: PullShape;
  readonly #queueIds: readonly number[];
  readonly #offsets: Float64Array;
  readonly #isRead: Uint8Array;

  constructor(shape: PullShape, queueIds: readonly number[]) {
    this.#shape = shape;
    this.#queueIds = queueIds;
    this.#offsets = new Float64Array(queueIds.length);
    this.#isRead = new Uint8Array(queueIds.length);
    this.requestBytesMax = REQUEST_BYTES_MAX + shape.topic.length + shape.consumerGroup.length;
  }

  write(target: Buffer, at: number, slot: number, opaque: number): number {
    if (this.#isRead[slot] === 1) {
      if (!this.#shape.isRepeated) return -1;
      this.#isRead[slot] = 0;
      this.#offsets[slot] = 0;
    }
    const { topic, consumerGroup, maxMessages, headerType } = this.#shape;
    const command = requestCommand(PullMessage, {
      consumerGroup,
      topic,
      queueId: this.#queueIds[slot] as number,
      queueOffset: this.#offsets[slot] as number,
      maxMsgNums: maxMessages,
      sysFlag: PULL_FLAG.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
    });
    // One of these asks for many messages, so it may be encoded each time.
    const frame = encodeCommand({ ...command, opaque }, headerType);
    target.set(frame, at);
    return at + frame.length;
  }

  read(answer: AnswerView, slot: number): number {
    // hot path
    const next = answer.field(NEXT_BEGIN_OFFSET);
    switch (answer.code) {
      case ResponseCode.SUCCESS: {
        // All tags are wanted, so the messages of an answer are those between two offsets; their bytes need no look.
        const messages = next - (this.#offsets[slot] as number);
        this.#offsets[slot] = next;
        return messages;
      }
      case ResponseCode.PULL_NOT_FOUND:
        this.#isRead[slot] = 1;
        return 0;
      case ResponseCode.PULL_RETRY_IMMEDIATELY:
      case ResponseCode.PULL_OFFSET_MOVED:
        // The first messages may be deleted already, or the queue be shorter than it was.
        this.#isRead[slot] = next === this.#offsets[slot] ? 1 : 0;
        this.#offsets[slot] = next;
        return 0;
      default:
        return -1;
    }
  }
}
