import type { Logger } from '../base/index.ts';
import { PULL_FLAG } from '../message/index.ts';
import {
  HEADER_TYPE,
  PullMessage,
  type RequestView,
  ResponseCode,
  type SubscriptionData,
} from '../protocol/index.ts';
import { type RequestBounds, request } from './call.ts';
import type { Channel } from './channel.ts';
import { ClientError } from './errors.ts';
import { messagesAt, receivedMessages } from './incoming.ts';
import { type Remote, readAnswerHeader, refusedBy } from './remote.ts';
import { isSubscribed } from './subscription.ts';
import type { MessageQueue, PullResult, PullStatus, ReceivedMessage } from './types.ts';

/** One pull. */
export interface PullCall {
  readonly consumerGroup: string;
  readonly queue: MessageQueue;
  readonly queueOffset: number;
  readonly maxMessages: number;
  readonly subscription: SubscriptionData;
  /** How long the broker may wait for a message; 0: it answers at once. */
  readonly suspendMs: number;
  /** An offset to store with the pull. */
  readonly commitOffset?: number | undefined;
}

const STATUSES: ReadonlyMap<number, PullStatus> = new Map([
  [ResponseCode.SUCCESS, 'FOUND'],
  [ResponseCode.PULL_NOT_FOUND, 'NO_NEW_MSG'],
  [ResponseCode.PULL_RETRY_IMMEDIATELY, 'NO_MATCHED_MSG'],
  [ResponseCode.PULL_OFFSET_MOVED, 'OFFSET_ILLEGAL'],
]);

const sysFlagOf = ({ suspendMs, commitOffset }: PullCall): number =>
  PULL_FLAG.SUBSCRIPTION |
  (suspendMs > 0 ? PULL_FLAG.SUSPEND : 0) |
  (commitOffset === undefined ? 0 : PULL_FLAG.COMMIT_OFFSET);

/**
 * Reads a queue from an offset on. Messages whose tags only share a hash with the wanted ones are left out.
 * @throws {ClientError} REFUSED, BUSY, BAD_RESPONSE and what a request throws
 */
export const pullFrom = (
  { channel }: Remote,
  address: string,
  call: PullCall,
  bounds: RequestBounds,
  logger: Logger,
): Promise<PullResult> => {
  const { queue, subscription } = call;
  const header = {
    consumerGroup: call.consumerGroup,
    topic: queue.topic,
    queueId: queue.queueId,
    queueOffset: call.queueOffset,
    maxMsgNums: call.maxMessages,
    sysFlag: sysFlagOf(call),
    commitOffset: call.commitOffset ?? 0,
    suspendTimeoutMillis: call.suspendMs,
    subscription: subscription.subString,
    subVersion: subscription.subVersion,
    expressionType: subscription.expressionType,
  };
  const pull = { command: PullMessage, address, header, body: undefined };
  return request(channel, pull, bounds, (view) => readPull(channel, address, call, view, logger));
};

const readPull = (
  channel: Channel,
  address: string,
  call: PullCall,
  view: RequestView,
  logger: Logger,
): PullResult => {
  const status = STATUSES.get(view.code);
  if (status === undefined) throw refusedBy(address, view);
  const header = readAnswerHeader(PullMessage.response, address, view);
  const { nextBeginOffset, minOffset, maxOffset } = header;
  const found = { status, nextBeginOffset, minOffset, maxOffset };
  if (status !== 'FOUND') return { ...found, messages: [] };
  if (view.headerType === HEADER_TYPE.POSITIONAL) {
    return readAddressed(channel, address, call, view, logger, found);
  }
  const body = Buffer.from(view.buffer.subarray(view.bodyStart, view.bodyEnd));
  return wanted(call, found, receivedMessages(body, call.queue, logger));
};

type Found = Omit<PullResult, 'messages'>;

/** A pull that was answered with addresses. */
const readAddressed = (
  channel: Channel,
  address: string,
  call: PullCall,
  { buffer, bodyStart, bodyEnd }: RequestView,
  logger: Logger,
  found: Found,
): PullResult => {
  const bodies = channel.bodiesOf?.(address);
  if (bodies === undefined) {
    const text = `${address} answered with addresses, and its log cannot be read here`;
    throw new ClientError('BAD_RESPONSE', text, { address });
  }
  const range = { buffer, start: bodyStart, end: bodyEnd };
  const { messages, isComplete } = messagesAt(bodies, range, call.queue, logger);
  if (isComplete) return wanted(call, found, messages);
  const last = messages.at(-1);
  if (last !== undefined) {
    return wanted(call, { ...found, nextBeginOffset: last.queueOffset + 1 }, messages);
  }
  // Deleted since the broker answered: the same pull again leads to what the queue still has.
  const nextBeginOffset = call.queueOffset;
  return { ...found, status: 'OFFSET_ILLEGAL', nextBeginOffset, messages };
};

/** Leaves out what only shares a hash with a wanted tag. */
const wanted = (
  { subscription }: PullCall,
  found: Found,
  received: ReceivedMessage[],
): PullResult => {
  const isAll = subscription.tagsSet.length === 0;
  const messages = isAll
    ? received
    : received.filter(({ tags }) => isSubscribed(subscription, tags));
  return { ...found, status: messages.length === 0 ? 'NO_MATCHED_MSG' : 'FOUND', messages };
};
