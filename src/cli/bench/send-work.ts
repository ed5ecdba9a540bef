import { encodeBatch, encodeProperties, PROPERTY, SYSTEM_TOPIC } from '../../message/index.ts';
import {
  type HeaderType,
  ResponseCode,
  requestCommand,
  SendBatchMessage,
  SendMessageV2,
} from '../../protocol/index.ts';
import type { AnswerView } from './answer-view.ts';
import type { Work } from './load-link.ts';
import { COUNTER_MARK, RequestTemplate, SECOND_MARK, TIME_MARK } from './request-template.ts';
import type { Stamp } from './stamp.ts';

/** Messages as RocketMQ's own benchmark describes them. */
export interface MessageShape {
  readonly topic: string;
  readonly producerGroup: string;
  readonly bodyBytes: number;
  /** Messages of a request; above 1 they travel as a batch. */
  readonly batchSize: number;
  readonly hasKeys: boolean;
  readonly hasUniqueKeys: boolean;
  /** Bytes of user properties, about. */
  readonly propertyBytes: number;
  readonly tagCount: number;
  /** 0: not delayed. */
  readonly delayLevel: number;
  readonly headerType: HeaderType;
}

const QUEUES_OF_NEW_TOPIC = 4;
const TEXT = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Answers after which the message is stored, however far it got to disk or slave. */
const STORED: ReadonlySet<number> = new Set([
  ResponseCode.SUCCESS,
  ResponseCode.FLUSH_DISK_TIMEOUT,
  ResponseCode.FLUSH_SLAVE_TIMEOUT,
  ResponseCode.SLAVE_NOT_AVAILABLE,
]);

const userProperties = (bytes: number): Record<string, string> => {
  const properties: Record<string, string> = {};
  for (let index = 0, used = 0; used < bytes; index++) {
    const name = `prop${index}`;
    properties[name] = `hello${index}`;
    used += name.length + `hello${index}`.length;
  }
  return properties;
};

/** Properties of a message with one of the tags. Keys, unique keys and times are marks, written over in each request. */
export const propertiesOf = (shape: MessageShape, tag: number): Record<string, string> => ({
  ...userProperties(shape.propertyBytes),
  ...(shape.hasKeys ? { [PROPERTY.KEYS]: SECOND_MARK } : {}),
  ...(shape.tagCount > 0 ? { [PROPERTY.TAGS]: `tag${tag}` } : {}),
  ...(shape.delayLevel > 0 ? { [PROPERTY.DELAY]: String(shape.delayLevel) } : {}),
  ...(shape.hasUniqueKeys
    ? { [PROPERTY.UNIQUE_KEY]: `7F00000100005A7B1C2D3E4F${COUNTER_MARK}` }
    : {}),
  [PROPERTY.WAIT]: 'true',
});

const bodyOf = (shape: MessageShape): Buffer => {
  const body = Buffer.alloc(shape.bodyBytes, TEXT);
  if (shape.batchSize === 1) return body;
  return encodeBatch(
    Array.from({ length: shape.batchSize }, (_, index) => ({
      flag: 0,
      body,
      properties: propertiesOf(shape, shape.tagCount === 0 ? 0 : index % shape.tagCount),
    })),
  );
};

const templateOf = (shape: MessageShape, queueId: number, tag: number, body: Buffer) => {
  const isBatch = shape.batchSize > 1;
  const header = {
    producerGroup: shape.producerGroup,
    topic: shape.topic,
    defaultTopic: SYSTEM_TOPIC.AUTO_CREATE_TEMPLATE,
    defaultTopicQueueNums: QUEUES_OF_NEW_TOPIC,
    queueId,
    sysFlag: 0,
    bornTimestamp: TIME_MARK,
    flag: 0,
    properties: encodeProperties(isBatch ? { [PROPERTY.WAIT]: 'true' } : propertiesOf(shape, tag)),
    reconsumeTimes: 0,
    unitMode: false,
    batch: isBatch,
  };
  const command = isBatch
    ? requestCommand(SendBatchMessage, header, { body })
    : requestCommand(SendMessageV2, header, { body });
  return new RequestTemplate(command, shape.headerType);
};

/** Sends messages to the queues of one broker in turn. */
export class SendWork implements Work {
  readonly messagesPerRequest: number;
  readonly requestBytesMax: number;
  readonly #templates: readonly RequestTemplate[];
  readonly #body: Buffer;
  readonly #wallMs: () => number;
  readonly #stamp: Stamp | undefined;
  #turn = 0;
  #nowMs = 0;
  #clockMs = -1;

  /** @param stamp written over the beginning of each body, which has room for it */
  constructor(
    shape: MessageShape,
    queueIds: readonly number[],
    wallMs: () => number,
    stamp?: Stamp,
  ) {
    this.#stamp = stamp;
    this.messagesPerRequest = shape.batchSize;
    this.#wallMs = wallMs;
    this.#body = bodyOf(shape);
    const tags = shape.batchSize > 1 ? 1 : Math.max(1, shape.tagCount);
    this.#templates = Array.from({ length: tags }, (_, tag) =>
      queueIds.map((queueId) => templateOf(shape, queueId, tag, this.#body)),
    ).flat();
    const headBytes = Math.max(...this.#templates.map(({ head }) => head.length));
    this.requestBytesMax = headBytes + this.#body.length;
  }

  write(target: Buffer, at: number, _slot: number, opaque: number, startMs: number): number {
    // hot path
    if (startMs !== this.#clockMs) {
      // The wall clock is read once for all requests of a turn.
      this.#clockMs = startMs;
      this.#nowMs = this.#wallMs();
    }
    const turn = this.#turn;
    this.#turn = (turn + 1) | 0;
    const template = this.#templates[(turn >>> 0) % this.#templates.length] as RequestTemplate;
    const bodyAt = template.write(target, at, opaque, this.#nowMs, turn);
    target.set(this.#body, bodyAt);
    this.#stamp?.write(target, bodyAt, startMs);
    return bodyAt + this.#body.length;
  }

  read(answer: AnswerView): number {
    // hot path
    return answer.code === 0 || STORED.has(answer.code) ? this.messagesPerRequest : -1;
  }
}
