import {
  PROPERTIES_BYTES_MAX,
  rewriteSendProperties,
  SendProperties,
  SYS_FLAG,
  sendPropertiesBytesMax,
  transactionType,
} from '../../message/index.ts';
import { RequestCode, type RequestView, ResponseCode, SLOT } from '../../protocol/index.ts';
import type { PendingMessage } from '../../storage/index.ts';
import type { Peer } from '../../transport/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { SendBatchWork, SendWork } from '../queue-messages.ts';
import { busy, Refusal } from '../refusal.ts';
import { SendAdmission } from '../send-admission.ts';
import type { SendAnswer } from '../send-answer.ts';

const MULTI_TAG = 'MULTI_TAG';

/**
 * Stores messages: codes 10, 310 and 320.
 * @source rocketmq 4.9.2 broker/processor/SendMessageProcessor.java
 */
export class SendProcessor {
  readonly #parts: BrokerParts;
  readonly #answer: SendAnswer;
  readonly #admission: SendAdmission;
  readonly #send = new SendWork();
  readonly #sendBatch = new SendBatchWork();
  readonly #found = new SendProperties();
  readonly #received = Buffer.allocUnsafe(PROPERTIES_BYTES_MAX);
  readonly #rewritten: Buffer;
  readonly #cluster: Buffer;

  constructor(parts: BrokerParts, answer: SendAnswer) {
    this.#parts = parts;
    this.#answer = answer;
    this.#admission = new SendAdmission(parts);
    this.#cluster = Buffer.from(parts.settings.brokerClusterName);
    this.#rewritten = Buffer.allocUnsafe(
      sendPropertiesBytesMax(PROPERTIES_BYTES_MAX, this.#cluster),
    );
  }

  /** @throws {Refusal} */
  process(view: RequestView, peer: Peer): void {
    // hot path
    const topic = this.#admission.admit(view, peer.remoteAddress);
    const { queueId } = this.#admission;
    this.#answer.checkRoom();
    const { message } = this.#parts.store;
    this.#readProperties(view, message);
    this.#refuseUnsupported();
    message.sysFlag =
      view.int(SLOT.sysFlag, 0) | (topic.topicFilterType === MULTI_TAG ? SYS_FLAG.MULTI_TAGS : 0);
    if (transactionType(message.sysFlag) !== 0) throw transactionsRefused();
    message.flag = view.int(SLOT.flag, 0);
    message.bornTimestamp = view.int64(SLOT.bornTimestamp, 0);
    message.bornHost = peer.remoteIp;
    message.bornPort = peer.remotePort;
    message.reconsumeTimes = view.int(SLOT.reconsumeTimes, 0);
    message.body = view.buffer;
    message.bodyStart = view.bodyStart;
    message.bodyBytes = view.bodyEnd - view.bodyStart;
    const queue = this.#parts.queues.get(topic.topicName, queueId);
    const isBatch = view.code === RequestCode.SEND_BATCH_MESSAGE || view.boolean(SLOT.batch);
    if (isBatch) {
      if (!queue.run(this.#sendBatch)) throw busy();
      this.#answer.batch(this.#sendBatch.status, view, peer, queueId, this.#found.isWaitStore);
      return;
    }
    if (!queue.run(this.#send)) throw busy();
    this.#answer.single(this.#send.status, view, peer, queueId, this.#found.isWaitStore);
  }

  #readProperties(view: RequestView, message: PendingMessage): void {
    // hot path
    const bytes = view.bytesMax(SLOT.properties);
    if (bytes > PROPERTIES_BYTES_MAX) throw propertiesTooLong(bytes);
    const received = bytes === 0 ? 0 : view.copyTo(SLOT.properties, this.#received, 0);
    rewriteSendProperties(
      this.#received,
      0,
      received,
      this.#rewritten,
      0,
      this.#cluster,
      this.#found,
    );
    message.properties = this.#rewritten;
    message.propertiesStart = 0;
    message.propertiesBytes = this.#found.bytes;
    message.tagsCode = this.#found.tagsCode;
  }

  #refuseUnsupported(): void {
    // hot path
    if (this.#found.isDelayMalformed) {
      throw new Refusal(ResponseCode.SYSTEM_ERROR, 'the property DELAY is not a number');
    }
    if (this.#found.delayLevel > 0) {
      throw new Refusal(
        ResponseCode.MESSAGE_ILLEGAL,
        'delayed messages are not supported by this broker; the message was not stored',
      );
    }
    if (this.#found.isTransactionPrepared) throw transactionsRefused();
  }
}

const transactionsRefused = (): Refusal =>
  new Refusal(
    ResponseCode.MESSAGE_ILLEGAL,
    'transactional messages are not supported by this broker; the message was not stored',
  );

const propertiesTooLong = (bytes: number): Refusal =>
  new Refusal(
    ResponseCode.MESSAGE_ILLEGAL,
    `the message is illegal: its properties have ${bytes} bytes, at most ${PROPERTIES_BYTES_MAX} are stored`,
  );
