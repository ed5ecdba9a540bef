import { PULL_FLAG } from '../../message/index.ts';
import { type HeaderType, ResponseCode } from '../../protocol/index.ts';
import type { AnswerView } from './answer-view.ts';
import type { Work } from './load-link.ts';
import { PullRequest } from './pull-request.ts';

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

/** Reads queues from their first message to their last; each slot is one queue. */
export class PullWork implements Work {
  readonly messagesPerRequest = 0;
  readonly requestBytesMax: number;
  readonly #shape: PullShape;
  readonly #requests: readonly PullRequest[];
  readonly #offsets: Float64Array;
  readonly #isRead: Uint8Array;

  constructor(shape: PullShape, queueIds: readonly number[]) {
    this.#shape = shape;
    const { topic, consumerGroup, maxMessages, headerType } = shape;
    this.#requests = queueIds.map(
      (queueId) =>
        new PullRequest(
          {
            consumerGroup,
            topic,
            queueId,
            queueOffset: 0,
            maxMsgNums: maxMessages,
            sysFlag: PULL_FLAG.SUBSCRIPTION,
            commitOffset: 0,
            suspendTimeoutMillis: 0,
            subscription: '*',
            subVersion: 0,
            expressionType: 'TAG',
          },
          headerType,
        ),
    );
    this.#offsets = new Float64Array(queueIds.length);
    this.#isRead = new Uint8Array(queueIds.length);
    this.requestBytesMax = Math.max(...this.#requests.map(({ bytesMax }) => bytesMax));
  }

  write(target: Buffer, at: number, slot: number, opaque: number): number {
    // hot path
    if (this.#isRead[slot] === 1) {
      if (!this.#shape.isRepeated) return -1;
      this.#isRead[slot] = 0;
      this.#offsets[slot] = 0;
    }
    const request = this.#requests[slot] as PullRequest;
    return request.write(target, at, opaque, this.#offsets[slot] as number);
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
