import {
  GetMaxOffset,
  GetMinOffset,
  QueryConsumerOffset,
  ResponseCode,
  SearchOffsetByTimestamp,
  UpdateConsumerOffset,
} from '../protocol/index.ts';
import { type RequestBounds, refusedWith } from './call.ts';
import type { ClientCore } from './core.ts';
import type { MessageQueue } from './types.ts';

/** Reads and stores positions of queues on their brokers. All methods throw what a request throws. */
export class OffsetCalls {
  readonly #core: ClientCore;

  constructor(core: ClientCore) {
    this.#core = core;
  }

  /** The oldest offset that can be read. */
  async min({ topic, queueId, brokerName }: MessageQueue, bounds: RequestBounds): Promise<number> {
    const address = await this.#core.routes.addressOf({ topic, queueId, brokerName }, bounds);
    const { remote } = this.#core;
    return (await remote.call(GetMinOffset, address, { topic, queueId }, bounds)).header.offset;
  }

  /** The offset the next message will get. */
  async max({ topic, queueId, brokerName }: MessageQueue, bounds: RequestBounds): Promise<number> {
    const address = await this.#core.routes.addressOf({ topic, queueId, brokerName }, bounds);
    const { remote } = this.#core;
    return (await remote.call(GetMaxOffset, address, { topic, queueId }, bounds)).header.offset;
  }

  /** The offset of a point in time. */
  async byTime(queue: MessageQueue, timestampMs: number, bounds: RequestBounds): Promise<number> {
    const address = await this.#core.routes.addressOf(queue, bounds);
    const { topic, queueId } = queue;
    const header = { topic, queueId, timestamp: timestampMs };
    const { remote } = this.#core;
    return (await remote.call(SearchOffsetByTimestamp, address, header, bounds)).header.offset;
  }

  /** What the group has stored; `undefined` where it has stored nothing. */
  async committed(
    consumerGroup: string,
    queue: MessageQueue,
    bounds: RequestBounds,
  ): Promise<number | undefined> {
    const address = await this.#core.routes.addressOf(queue, bounds);
    const header = { consumerGroup, topic: queue.topic, queueId: queue.queueId };
    try {
      const { remote } = this.#core;
      const answer = await remote.call(QueryConsumerOffset, address, header, bounds);
      return answer.header.offset < 0 ? undefined : answer.header.offset;
    } catch (error) {
      if (refusedWith(error) === ResponseCode.QUERY_NOT_FOUND) return undefined;
      throw error;
    }
  }

  /** Stores an offset and waits for the answer. */
  async commit(
    consumerGroup: string,
    queue: MessageQueue,
    commitOffset: number,
    bounds: RequestBounds,
  ): Promise<void> {
    const address = await this.#core.routes.addressOf(queue, bounds);
    const header = { consumerGroup, topic: queue.topic, queueId: queue.queueId, commitOffset };
    await this.#core.remote.call(UpdateConsumerOffset, address, header, bounds);
  }

  /** Stores an offset without an answer. */
  async tellCommit(
    consumerGroup: string,
    queue: MessageQueue,
    commitOffset: number,
    bounds: RequestBounds,
  ): Promise<void> {
    const address = await this.#core.routes.addressOf(queue, bounds);
    const header = { consumerGroup, topic: queue.topic, queueId: queue.queueId, commitOffset };
    await this.#core.remote.tell(UpdateConsumerOffset, address, header, undefined, bounds.signal);
  }
}
