import { SYSTEM_TOPIC } from '../message/index.ts';
import {
  ResponseCode,
  SendBatchMessage,
  type SendMessageHeader,
  SendMessageV2,
} from '../protocol/index.ts';
import { type RequestBounds, refusedWith } from './call.ts';
import type { Remote } from './remote.ts';
import type { MessageQueue, SendResult, SendStatus } from './types.ts';

/** What one send request carries. */
export interface SendContent {
  readonly topic: string;
  readonly flag: number;
  readonly sysFlag: number;
  readonly body: Buffer;
  readonly propertiesText: string;
  /** One key, or those of a batch joined by commas. */
  readonly uniqueKey: string;
  readonly isBatch: boolean;
}

/** Who sends. */
export interface Sender {
  readonly remote: Remote;
  readonly producerGroup: string;
  readonly defaultTopicQueueNums: number;
  readonly nowMs: () => number;
}

const STATUSES: ReadonlyMap<number, SendStatus> = new Map([
  [ResponseCode.SUCCESS, 'SEND_OK'],
  [ResponseCode.FLUSH_DISK_TIMEOUT, 'FLUSH_DISK_TIMEOUT'],
  [ResponseCode.FLUSH_SLAVE_TIMEOUT, 'FLUSH_SLAVE_TIMEOUT'],
  [ResponseCode.SLAVE_NOT_AVAILABLE, 'SLAVE_NOT_AVAILABLE'],
]);
const STORED: ReadonlySet<number> = new Set(STATUSES.keys());

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

const headerOf = (sender: Sender, content: SendContent, queueId: number): SendMessageHeader => ({
  producerGroup: sender.producerGroup,
  topic: content.topic,
  defaultTopic: SYSTEM_TOPIC.AUTO_CREATE_TEMPLATE,
  defaultTopicQueueNums: sender.defaultTopicQueueNums,
  queueId,
  sysFlag: content.sysFlag,
  bornTimestamp: sender.nowMs(),
  flag: content.flag,
  properties: content.propertiesText,
  reconsumeTimes: 0,
  unitMode: false,
  batch: content.isBatch,
});

/**
 * Sends once, to one queue.
 * @throws {ClientError} REFUSED, BUSY and what a request throws
 */
export const sendTo = async (
  sender: Sender,
  queue: MessageQueue,
  address: string,
  content: SendContent,
  bounds: RequestBounds,
): Promise<SendResult> => {
  const command = content.isBatch ? SendBatchMessage : SendMessageV2;
  const header = headerOf(sender, content, queue.queueId);
  const answer = await sender.remote.call(command, address, header, bounds, content.body, STORED);
  return {
    sendStatus: STATUSES.get(answer.code) ?? 'SEND_OK',
    msgId: content.uniqueKey,
    offsetMsgId: answer.header.msgId,
    messageQueue: { ...queue, queueId: answer.header.queueId },
    queueOffset: answer.header.queueOffset,
  };
};

/** Sends without an answer: nobody says whether it was stored. */
export const sendOnewayTo = (
  sender: Sender,
  queue: MessageQueue,
  address: string,
  content: SendContent,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const header = headerOf(sender, content, queue.queueId);
  return sender.remote.tell(SendMessageV2, address, header, content.body, signal);
};
