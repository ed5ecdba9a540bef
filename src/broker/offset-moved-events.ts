import { PROPERTY, SYSTEM_TOPIC } from '../message/index.ts';
import type { BrokerParts } from './broker-parts.ts';
import type { InternalProducer } from './internal-producer.ts';

/**
 * Tells, in topic OFFSET_MOVED_EVENT, that a consumer asked for an offset its queue does not hold.
 * @source rocketmq 4.9.2 broker/processor/PullMessageProcessor.java generateOffsetMovedEvent
 */
export class OffsetMovedEvents {
  readonly #parts: BrokerParts;
  readonly #producer: InternalProducer;

  constructor(parts: BrokerParts, producer: InternalProducer) {
    this.#parts = parts;
    this.#producer = producer;
  }

  publish(
    consumerGroup: string,
    topic: string,
    queueId: number,
    offsetRequest: number,
    offsetNew: number,
  ): void {
    const { brokerName } = this.#parts.settings;
    const event = {
      consumerGroup,
      messageQueue: { brokerName, queueId, topic },
      offsetNew,
      offsetRequest,
    };
    const properties = { [PROPERTY.TAGS]: consumerGroup, [PROPERTY.KEYS]: consumerGroup };
    const body = Buffer.from(JSON.stringify(event));
    this.#producer.send(SYSTEM_TOPIC.OFFSET_MOVED_EVENT, properties, consumerGroup, body);
  }
}
