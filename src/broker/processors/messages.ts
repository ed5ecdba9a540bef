import { errorMessage } from '../../base/index.ts';
import {
  decodeHeader,
  isOneway,
  type RemotingCommand,
  ResponseCode,
  responseOf,
  ViewMessageById,
} from '../../protocol/index.ts';
import type { MessageStore } from '../../storage/index.ts';
import { failureAnswer, type Peer, type ReplyTo } from '../../transport/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import type { CodeAndHandler } from '../cold-handler.ts';
import { Refusal } from '../refusal.ts';

/** Longer records are sent from where they lie. */
const COPIED_BYTES_MAX = 64 * 1024;

/**
 * Handlers that look single messages up.
 * @source rocketmq 4.9.2 broker/processor/QueryMessageProcessor.java
 */
export const messageHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  [ViewMessageById.code, (request, peer) => view(parts, request, peer)],
];

/** Answers by itself: at once, or after what left main memory was fetched. */
const view = ({ store, logger }: BrokerParts, request: RemotingCommand, peer: Peer): undefined => {
  const { offset } = decodeHeader(ViewMessageById.request, request.extFields);
  if (isOneway(request)) return;
  const to = { opaque: request.opaque, headerType: peer.headerType };
  const answerLater = (): void => {
    if (peer.isClosed) return;
    try {
      answer(store, offset, peer, to);
    } catch (error) {
      if (error instanceof Refusal) {
        peer.reply(responseOf(error.responseCode, { remark: error.message }), to);
        return;
      }
      logger.error({ offset, reason: errorMessage(error) }, 'a message could not be looked up');
      peer.reply(failureAnswer(error), to);
    }
  };
  const isWaiting = !store.cold.isWarmNow(offset, 1) && store.cold.fetch(offset, 1, answerLater);
  if (!isWaiting) answer(store, offset, peer, to);
};

const answer = (store: MessageStore, offset: number, peer: Peer, to: ReplyTo): void => {
  const record = store.messageAt(offset);
  if (record === undefined) {
    const remark = `can not find message by the offset, ${offset}`;
    throw new Refusal(ResponseCode.SYSTEM_ERROR, remark);
  }
  if (record.length > COPIED_BYTES_MAX)
    peer.reply(responseOf(ResponseCode.SUCCESS, { body: record }), to, store.lease(offset));
  else peer.reply(responseOf(ResponseCode.SUCCESS, { body: record }), to);
};
