import { errorMessage } from '../base/index.ts';
import { isRetryTopic } from '../message/index.ts';
import { decodeGetConsumerListByGroupResponse, GetConsumerListByGroup } from '../protocol/index.ts';
import { CALL_TIMEOUT_MS, type ClientCore } from './core.ts';
import { allocateAveragely } from './rebalance.ts';
import { understood } from './remote.ts';
import { masterAddresses, readableQueues } from './topic-route.ts';
import type { MessageQueue } from './types.ts';

/** Members of a group share its queues, or each gets all of them. */
export type MessageModel = 'CLUSTERING' | 'BROADCASTING';

/** Decides which queues of a topic this member of the group consumes. */
export class Assignment {
  readonly #core: ClientCore;
  readonly #consumerGroup: string;
  readonly #messageModel: MessageModel;

  constructor(core: ClientCore, consumerGroup: string, messageModel: MessageModel) {
    this.#core = core;
    this.#consumerGroup = consumerGroup;
    this.#messageModel = messageModel;
  }

  /** This member's queues; `undefined` where that cannot be said now and all should stay as it is. */
  async queuesOf(topic: string): Promise<MessageQueue[] | undefined> {
    try {
      const bounds = { timeoutMs: CALL_TIMEOUT_MS };
      const route = await this.#core.routes.existing(topic, bounds);
      const queues = readableQueues(route);
      if (this.#messageModel === 'BROADCASTING') return queues;
      const clientIds = await this.#members(masterAddresses(route));
      // Not in the list: the broker has not seen a heartbeat yet, or forgot this member.
      if (!clientIds.includes(this.#core.clientId)) return undefined;
      return allocateAveragely(queues, clientIds, this.#core.clientId);
    } catch (error) {
      const { logger } = this.#core.environment;
      const facts = { topic, error: errorMessage(error) };
      // The retry topic appears with the group's first heartbeat, other topics with their first message.
      if (isRetryTopic(topic)) logger.debug(facts, 'no queues assigned');
      else logger.info(facts, 'no queues assigned');
      return undefined;
    }
  }

  async #members(addresses: readonly string[]): Promise<string[]> {
    const { random } = this.#core.environment;
    const address = addresses[random.below(Math.max(1, addresses.length))];
    if (address === undefined) return [];
    const bounds = { timeoutMs: CALL_TIMEOUT_MS };
    const header = { consumerGroup: this.#consumerGroup };
    const { body } = await this.#core.remote.call(GetConsumerListByGroup, address, header, bounds);
    const list = understood(address, () => decodeGetConsumerListByGroupResponse(body));
    return [...list.consumerIdList].sort();
  }
}
