import { encodeProperties, type PropertyPairs, tagsCode } from '../message/index.ts';
import { PutStatus } from '../storage/index.ts';
import type { BrokerParts } from './broker-parts.ts';
import { SendWork } from './queue-messages.ts';

/** Stores messages that the broker itself writes, in queue 0 of a topic it owns. */
export class InternalProducer {
  readonly #parts: BrokerParts;
  readonly #host: Buffer;
  readonly #work = new SendWork();

  constructor(parts: BrokerParts, host: Buffer) {
    this.#parts = parts;
    this.#host = host;
  }

  /** False where the store took nothing; the caller decides whether that matters. */
  send(topic: string, properties: PropertyPairs, tags: string | undefined, body: Buffer): boolean {
    const { message } = this.#parts.store;
    const text = Buffer.from(encodeProperties(properties));
    message.sysFlag = 0;
    message.flag = 0;
    message.bornTimestamp = this.#parts.clock.now();
    message.bornHost = this.#host;
    message.bornPort = this.#parts.settings.listenPort;
    message.reconsumeTimes = 0;
    message.body = body;
    message.bodyStart = 0;
    message.bodyBytes = body.length;
    message.properties = text;
    message.propertiesStart = 0;
    message.propertiesBytes = text.length;
    message.tagsCode = tagsCode(tags);
    return (
      this.#parts.queues.get(topic, 0).run(this.#work) && this.#work.status === PutStatus.PUT_OK
    );
  }
}
