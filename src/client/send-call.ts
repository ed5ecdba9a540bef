import type { Clock } from '../base/index.ts';
import { SYSTEM_TOPIC } from '../message/index.ts';
import {
  type RequestView,
  ResponseCode,
  SendBatchMessage,
  type SendMessageHeader,
  SendMessageV2,
} from '../protocol/index.ts';
import type { CallDone } from '../transport/index.ts';
import { oneway, type RequestBounds, refusedWith, request } from './call.ts';
import type { Channel } from './channel.ts';
import type { ChosenQueue } from './publish-route.ts';
import { readAnswerHeader, refusedBy } from './remote.ts';
import type { SendResult, SendStatus } from './types.ts';

/** What one send request carries. Mutable: it is used again for later sends. */
export interface SendContent {
  topic: string;
  flag: number;
  sysFlag: number;
  body: Buffer;
  propertiesText: string;
  /** One key, or those of a batch joined by commas. */
  uniqueKey: string;
  bornTimestampMs: number;
  isBatch: boolean;
}

/** The body of a content that has none yet. */
export const NO_BODY = Buffer.alloc(0);

/** A content to be filled. */
export const emptyContent = (): SendContent => ({
  topic: '',
  flag: 0,
  sysFlag: 0,
  body: NO_BODY,
  propertiesText: '',
  uniqueKey: '',
  bornTimestampMs: 0,
  isBatch: false,
});

/** Who sends. */
export class Sender {
  readonly channel: Channel;
  readonly clock: Clock;
  /** One for all sends: a channel has encoded it when its call returns. In the definition's order. */
  readonly #header: { -readonly [Name in keyof SendMessageHeader]: SendMessageHeader[Name] };

  constructor(
    channel: Channel,
    producerGroup: string,
    defaultTopicQueueNums: number,
    clock: Clock,
  ) {
    this.channel = channel;
    this.clock = clock;
    this.#header = {
      producerGroup,
      topic: '',
      defaultTopic: SYSTEM_TOPIC.AUTO_CREATE_TEMPLATE,
      defaultTopicQueueNums,
      queueId: 0,
      sysFlag: 0,
      bornTimestamp: 0,
      flag: 0,
      properties: '',
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
    };
  }

  /** The header of a send; valid until the next one. */
  headerOf(content: SendContent, queueId: number): SendMessageHeader {
    // hot path
    const header = this.#header;
    header.topic = content.topic;
    header.queueId = queueId;
    header.sysFlag = content.sysFlag;
    header.bornTimestamp = content.bornTimestampMs;
    header.flag = content.flag;
    header.properties = content.propertiesText;
    header.batch = content.isBatch;
    return header;
  }
}

/** `undefined` for an answer that does not say that the message is stored. */
const statusOf = (code: number): SendStatus | undefined => {
  // hot path
  switch (code) {
    case ResponseCode.SUCCESS:
      return 'SEND_OK';
    case ResponseCode.FLUSH_DISK_TIMEOUT:
      return 'FLUSH_DISK_TIMEOUT';
    case ResponseCode.FLUSH_SLAVE_TIMEOUT:
      return 'FLUSH_SLAVE_TIMEOUT';
    case ResponseCode.SLAVE_NOT_AVAILABLE:
      return 'SLAVE_NOT_AVAILABLE';
    default:
      return undefined;
  }
};

/** Answers after which another broker may take the message. */
const RETRYABLE_RESPONSES: ReadonlySet<number> = new Set([
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.NO_PERMISSION,
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.NO_BUYER_ID,
  ResponseCode.NOT_IN_CURRENT_UNIT,
]);
const RETRYABLE_CODES: ReadonlySet<string> = new Set(['CONNECTION_FAILED', 'TIMEOUT']);

/** Whether a failed send may be tried again on another queue. */
export const isSendRetryable = (error: unknown, code: string | undefined): boolean => {
  const response = refusedWith(error);
  if (response !== undefined) return RETRYABLE_RESPONSES.has(response);
  return code !== undefined && RETRYABLE_CODES.has(code);
};

const commandOf = (content: SendContent): typeof SendMessageV2 | typeof SendBatchMessage =>
  content.isBatch ? SendBatchMessage : SendMessageV2;

/** Puts one send on its way; `done` is told its answer. */
export const callSend = (
  sender: Sender,
  { queue, address }: ChosenQueue,
  content: SendContent,
  timeoutMs: number,
  done: CallDone,
): void => {
  // hot path
  const header = sender.headerOf(content, queue.queueId);
  const command = commandOf(content);
  sender.channel.call(command, address, header, content.body, timeoutMs, done);
};

/**
 * The result in a send's answer.
 * @throws {ClientError} REFUSED, BUSY, BAD_RESPONSE
 */
export const readSendResult = (
  { queue, address }: ChosenQueue,
  content: SendContent,
  view: RequestView,
): SendResult => {
  // hot path
  const sendStatus = statusOf(view.code);
  if (sendStatus === undefined) throw refusedBy(address, view);
  const header = readAnswerHeader(SendMessageV2.response, address, view);
  return {
    sendStatus,
    msgId: content.uniqueKey,
    offsetMsgId: header.msgId,
    messageQueue: header.queueId === queue.queueId ? queue : { ...queue, queueId: header.queueId },
    queueOffset: header.queueOffset,
  };
};

/**
 * Sends once, to one queue.
 * @throws {ClientError} REFUSED, BUSY and what a request throws
 */
export const sendTo = (
  sender: Sender,
  chosen: ChosenQueue,
  content: SendContent,
  bounds: RequestBounds,
): Promise<SendResult> => {
  const { address } = chosen;
  const header = sender.headerOf(content, chosen.queue.queueId);
  const call = { command: commandOf(content), address, header, body: content.body };
  return request(sender.channel, call, bounds, (view) => readSendResult(chosen, content, view));
};

/** Sends without an answer: nobody says whether it was stored. */
export const sendOnewayTo = (
  sender: Sender,
  { queue, address }: ChosenQueue,
  content: SendContent,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const header = sender.headerOf(content, queue.queueId);
  const call = { command: SendMessageV2, address, header, body: content.body };
  return oneway(sender.channel, call, signal);
};
