import { PULL_FLAG, RecordView, readRecord } from '../../message/index.ts';
import {
  encodeCommand,
  GetMaxOffset,
  type HeaderType,
  ResponseCode,
  requestCommand,
} from '../../protocol/index.ts';
import type { AnswerView } from './answer-view.ts';
import type { Work } from './load-link.ts';
import { PullRequest } from './pull-request.ts';

/** What is listened to. */
export interface TailShape {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly headerType: HeaderType;
  /** How long the broker holds a pull that finds nothing. */
  readonly suspendMs: number;
}

/** Called for each message: where its body is, and when it was stored. */
export type OnMessage = (
  source: Buffer,
  bodyAt: number,
  bodyBytes: number,
  storeTimestamp: number,
) => void;

const OFFSET = Buffer.from('offset');
const NEXT_BEGIN_OFFSET = Buffer.from('nextBeginOffset');
const MESSAGES_MAX = 32;
const UNKNOWN = -1;
/** Room for the question where a queue ends, beside the names in it. */
const QUESTION_BYTES = 512;

/** Follows queues from their end on, as a consumer does: with pulls that the broker holds until a message is there. */
export class TailWork implements Work {
  readonly messagesPerRequest = 0;
  readonly requestBytesMax: number;
  /** Queues whose end is not known yet. */
  unknown: number;
  readonly #shape: TailShape;
  readonly #queueIds: readonly number[];
  readonly #requests: readonly PullRequest[];
  readonly #offsets: Float64Array;
  readonly #record = new RecordView();
  readonly #onMessage: OnMessage;

  constructor(shape: TailShape, queueIds: readonly number[], onMessage: OnMessage) {
    this.#shape = shape;
    this.#queueIds = queueIds;
    this.#onMessage = onMessage;
    this.#offsets = new Float64Array(queueIds.length).fill(UNKNOWN);
    this.unknown = queueIds.length;
    const { topic, consumerGroup, headerType, suspendMs } = shape;
    const header = {
      consumerGroup,
      topic,
      queueOffset: 0,
      maxMsgNums: MESSAGES_MAX,
      sysFlag: PULL_FLAG.SUSPEND | PULL_FLAG.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: suspendMs,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
    };
    this.#requests = queueIds.map((queueId) => new PullRequest({ ...header, queueId }, headerType));
    const pullBytes = this.#requests.map(({ bytesMax }) => bytesMax);
    this.requestBytesMax = Math.max(QUESTION_BYTES + Buffer.byteLength(topic), ...pullBytes);
  }

  write(target: Buffer, at: number, slot: number, opaque: number): number {
    // hot path
    const queueOffset = this.#offsets[slot] as number;
    if (queueOffset === UNKNOWN) return this.#ask(target, at, slot, opaque);
    return (this.#requests[slot] as PullRequest).write(target, at, opaque, queueOffset);
  }

  read(answer: AnswerView, slot: number): number {
    // hot path
    if (this.#offsets[slot] === UNKNOWN) return this.#begin(answer, slot);
    switch (answer.code) {
      case ResponseCode.SUCCESS:
        this.#offsets[slot] = answer.field(NEXT_BEGIN_OFFSET);
        return this.#deliver(answer);
      case ResponseCode.PULL_NOT_FOUND:
      case ResponseCode.PULL_RETRY_IMMEDIATELY:
      case ResponseCode.PULL_OFFSET_MOVED: {
        const next = answer.field(NEXT_BEGIN_OFFSET);
        if (next >= 0) this.#offsets[slot] = next;
        return 0;
      }
      default:
        return -1;
    }
  }

  #ask(target: Buffer, at: number, slot: number, opaque: number): number {
    const { topic, headerType } = this.#shape;
    const queueId = this.#queueIds[slot] as number;
    const command = requestCommand(GetMaxOffset, { topic, queueId });
    const frame = encodeCommand({ ...command, opaque }, headerType);
    target.set(frame, at);
    return at + frame.length;
  }

  #begin(answer: AnswerView, slot: number): number {
    // A topic that the first message will create has no end yet.
    const isNew = answer.code === ResponseCode.TOPIC_NOT_EXIST;
    const isKnown = answer.code === ResponseCode.SUCCESS;
    const queueOffset = isNew ? 0 : isKnown ? answer.field(OFFSET) : UNKNOWN;
    if (queueOffset < 0) return -1;
    this.#offsets[slot] = queueOffset;
    this.unknown -= 1;
    return 0;
  }

  #deliver(answer: AnswerView): number {
    // hot path
    const { buffer, bodyEnd } = answer;
    const record = this.#record;
    let messages = 0;
    for (let at = answer.bodyStart; at < bodyEnd; at += record.recordBytes) {
      if (readRecord(buffer, at, bodyEnd, record, false) !== 'record') return -1;
      this.#onMessage(buffer, record.bodyStart, record.bodyBytes, record.storeTimestamp);
      messages += 1;
    }
    return messages;
  }
}
