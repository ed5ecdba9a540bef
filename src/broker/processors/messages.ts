import { ResponseCode, ViewMessageById } from '../../protocol/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { type CodeAndHandler, handle } from '../cold-handler.ts';
import { Refusal } from '../refusal.ts';

/**
 * Handlers that look single messages up.
 * @source rocketmq 4.9.2 broker/processor/QueryMessageProcessor.java
 */
export const messageHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  handle(ViewMessageById, ({ offset }) => {
    const record = parts.store.messageAt(offset);
    if (record !== undefined) return { body: Buffer.from(record) };
    throw new Refusal(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`);
  }),
];
