import { copyWords, WordView } from '../base/index.ts';
import { offsetMessageIdPrefix, writeHex64 } from '../message/index.ts';
import {
  type HeaderType,
  HotResponse,
  type RequestView,
  ResponseCode,
  responseOf,
  SendMessage,
} from '../protocol/index.ts';
import { type MessageStore, PutStatus, putStatusName } from '../storage/index.ts';
import type { Peer } from '../transport/index.ts';
import { ACKS_WAITING_MAX } from './broker-limits.ts';
import type { BrokerSettings } from './broker-settings.ts';
import { type PendingAck, PendingAcks } from './pending-acks.ts';
import { busy, Refusal } from './refusal.ts';

const { SUCCESS } = ResponseCode;
/** Most bytes of a single send's answer beyond its region and trace texts. */
const SEND_ANSWER_BYTES_MAX = 512;
const OFFSET_DIGITS = 16;
const COMMA = 0x2c;

/**
 * Answers sends: at once, or, under SYNC_FLUSH, when the flush that covers them has succeeded.
 *
 * S1: under SYNC_FLUSH no send that asked to wait is answered OK before its bytes are flushed.
 */
export class SendAnswer {
  readonly #store: MessageStore;
  readonly #idPrefix = new WordView();
  readonly #constantBytes: number;
  readonly #single: HotResponse;
  readonly #batch: HotResponse;
  readonly #ids = new WordView();
  readonly #isSync: boolean;
  readonly #pending = new PendingAcks(ACKS_WAITING_MAX);

  constructor(store: MessageStore, settings: BrokerSettings, host: Buffer) {
    this.#store = store;
    this.#isSync = settings.flushDiskType === 'SYNC_FLUSH';
    this.#idPrefix.show(offsetMessageIdPrefix(host, settings.listenPort));
    const constants = [
      { key: 'MSG_REGION', constant: settings.regionId },
      { key: 'TRACE_ON', constant: String(settings.traceOn) },
    ];
    const position = [
      { key: 'queueId', number: true },
      { key: 'queueOffset', number: true },
    ] as const;
    this.#constantBytes = JSON.stringify(constants).length;
    const { response } = SendMessage;
    const id = { key: 'msgId', hexAfter: this.#idPrefix.bytes.toString() };
    this.#single = new HotResponse([...constants, id, ...position], response);
    const ids = { key: 'msgId', text: true } as const;
    this.#batch = new HotResponse([...constants, ids, ...position], response);
  }

  /** Sends that wait for a flush. */
  get waiting(): number {
    return this.#pending.count;
  }

  /** @throws {Refusal} where new sends must wait outside. */
  checkRoom(): void {
    // hot path
    if (this.#pending.isFull) throw busy();
  }

  single(status: PutStatus, view: RequestView, peer: Peer, queueId: number, isWait: boolean): void {
    // hot path
    if (status !== PutStatus.PUT_OK) throw refusalOf(status);
    if (view.isOneway) return;
    const { message } = this.#store;
    if (this.#isSync && isWait) {
      this.#wait(view, peer, queueId, message.queueOffset, undefined);
      return;
    }
    this.#write(
      peer,
      view.headerType,
      view.opaque,
      queueId,
      message.queueOffset,
      message.commitLogOffset,
    );
  }

  batch(status: PutStatus, view: RequestView, peer: Peer, queueId: number, isWait: boolean): void {
    if (status !== PutStatus.PUT_OK) throw refusalOf(status);
    if (view.isOneway) return;
    const ids = this.#batchIds();
    const { queueOffset } = this.#store.message;
    if (this.#isSync && isWait) {
      this.#wait(view, peer, queueId, queueOffset, Buffer.from(ids));
      return;
    }
    this.#writeBatch(peer, view.headerType, view.opaque, queueId, queueOffset, ids);
  }

  /** Answers everything the flush up to `position` covers. S1 */
  flushed(position: number): void {
    this.#pending.release(position, (ack) => this.#acknowledge(ack));
  }

  /** The store can promise nothing any more: what waits is answered with an error. */
  failed(): void {
    this.#pending.release(Number.POSITIVE_INFINITY, ({ peer, opaque, headerType }) => {
      if (peer === undefined || peer.isClosed) return;
      const answer = responseOf(ResponseCode.SERVICE_NOT_AVAILABLE, {
        remark: SERVICE_NOT_AVAILABLE,
      });
      peer.reply(answer, { headerType, opaque });
    });
  }

  #wait(
    view: RequestView,
    peer: Peer,
    queueId: number,
    queueOffset: number,
    ids: Buffer | undefined,
  ): void {
    const ack = this.#pending.push();
    ack.endPosition = this.#store.message.endPosition;
    ack.peer = peer;
    ack.opaque = view.opaque;
    ack.headerType = view.headerType;
    ack.queueId = queueId;
    ack.queueOffset = queueOffset;
    ack.commitLogOffset = this.#store.message.commitLogOffset;
    ack.batchIds = ids;
  }

  #acknowledge(ack: PendingAck): void {
    const { peer } = ack;
    if (peer === undefined || peer.isClosed) return;
    if (ack.batchIds === undefined) {
      this.#write(
        peer,
        ack.headerType,
        ack.opaque,
        ack.queueId,
        ack.queueOffset,
        ack.commitLogOffset,
      );
    } else {
      this.#writeBatch(
        peer,
        ack.headerType,
        ack.opaque,
        ack.queueId,
        ack.queueOffset,
        ack.batchIds,
      );
    }
  }

  #write(
    peer: Peer,
    headerType: HeaderType,
    opaque: number,
    queueId: number,
    queueOffset: number,
    commitLogOffset: number,
  ): void {
    // hot path
    const { output } = peer;
    const { numbers } = this.#single;
    numbers[0] = commitLogOffset;
    numbers[1] = queueId;
    numbers[2] = queueOffset;
    const at = output.reserve(SEND_ANSWER_BYTES_MAX + this.#constantBytes);
    output.length = this.#single.write(output.buffer, at, headerType, opaque, SUCCESS, 0);
  }

  #writeBatch(
    peer: Peer,
    headerType: HeaderType,
    opaque: number,
    queueId: number,
    queueOffset: number,
    ids: Buffer,
  ): void {
    // hot path
    const { output } = peer;
    const batch = this.#batch;
    batch.text = ids;
    batch.numbers[0] = ids.length;
    batch.numbers[1] = queueId;
    batch.numbers[2] = queueOffset;
    const at = output.reserve(SEND_ANSWER_BYTES_MAX + this.#constantBytes + ids.length);
    output.length = batch.write(output.buffer, at, headerType, opaque, SUCCESS, 0);
  }

  /** Offset message ids of the batch just stored, joined by commas, in the scratch buffer. */
  #batchIds(): Buffer {
    const { batchOffsets, messageCount } = this.#store.message;
    const prefixBytes = this.#idPrefix.bytes.length;
    const bytes = messageCount * (prefixBytes + OFFSET_DIGITS + 1);
    if (this.#ids.bytes.length < bytes) this.#ids.show(Buffer.allocUnsafe(bytes * 2));
    const ids = this.#ids.bytes;
    let at = 0;
    for (let index = 0; index < messageCount; index++) {
      at = copyWords(this.#idPrefix, 0, prefixBytes, this.#ids, at);
      at = writeHex64(ids, at, batchOffsets[index] as number);
      ids[at] = COMMA;
      at += 1;
    }
    return ids.subarray(0, Math.max(0, at - 1));
  }
}

const SERVICE_NOT_AVAILABLE =
  'service not available now. It may be caused by one of the following reasons: ' +
  "the broker's disk is full, the broker's store has failed or it is shutting down.";

/**
 * What a put that stored nothing is answered with.
 * @source rocketmq 4.9.2 broker/processor/SendMessageProcessor.java handlePutMessageResult
 */
const refusalOf = (status: PutStatus): Refusal => {
  switch (status) {
    case PutStatus.MESSAGE_ILLEGAL:
    case PutStatus.PROPERTIES_SIZE_EXCEEDED:
      return new Refusal(
        ResponseCode.MESSAGE_ILLEGAL,
        'the message is illegal, maybe msg body or properties length not matched. msg body length limit 128k, msg properties length limit 32k.',
      );
    case PutStatus.SERVICE_NOT_AVAILABLE:
      return new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, SERVICE_NOT_AVAILABLE);
    case PutStatus.CREATE_MAPEDFILE_FAILED:
      return new Refusal(
        ResponseCode.SYSTEM_ERROR,
        'create mapped file failed, server is busy or broken.',
      );
    case PutStatus.OS_PAGECACHE_BUSY:
      return new Refusal(
        ResponseCode.SYSTEM_ERROR,
        '[PC_SYNCHRONIZED]broker busy, start flow control for a while',
      );
    default:
      return new Refusal(ResponseCode.SYSTEM_ERROR, putStatusName(status));
  }
};
