import type { Clock, Scheduler } from '../../src/base/index.ts';
import {
  BatchItems,
  encodeRecord,
  hostBytes,
  isRetryTopic,
  offsetMessageId,
  PROPERTY,
  PULL_FLAG,
  parseProperties,
  publishRecord,
  RecordFields,
  recordBytes,
  retryTopic,
} from '../../src/message/index.ts';
import {
  commandByCode,
  decodeCommand,
  decodeHeader,
  decodeHeartbeatData,
  encodeGetConsumerListByGroupResponse,
  encodeHeader,
  GetMaxOffset,
  type HeaderOf,
  NotifyConsumerIdsChanged,
  onewayOf,
  PullMessage,
  QueryConsumerOffset,
  type QueueData,
  type RemotingCommand,
  RequestCode,
  type RequestView,
  ResponseCode,
  responseOf,
  SendMessageV2,
} from '../../src/protocol/index.ts';
import type { Peer, ReplyTo, RequestHandler } from '../../src/transport/index.ts';

/** A request as the fake server saw it. */
export interface Seen {
  readonly code: number;
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body: Buffer;
  readonly peer: Peer;
}

interface Parked {
  readonly peer: Peer;
  readonly to: ReplyTo;
  readonly header: HeaderOf<typeof PullMessage.request>;
}

/** Answers instead of the usual one: a command, `silent` for none, `cut` to drop the connection. */
export type Script = (seen: Seen) => RemotingCommand | 'silent' | 'cut' | undefined;

const success = (fields: Record<string, string> = {}, body?: Buffer): RemotingCommand =>
  responseOf(ResponseCode.SUCCESS, { extFields: fields, body });

/** Keeps messages in memory and answers as a broker would, unless its script says otherwise. */
export class FakeBroker implements RequestHandler {
  readonly brokerName: string;
  readonly host: string;
  readonly port = 10911;
  readonly topics = new Map<string, Buffer[][]>();
  readonly offsets = new Map<string, number>();
  readonly members = new Map<string, Map<string, Peer>>();
  readonly seen: Seen[] = [];
  perm = 6;
  script: Script = () => undefined;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  #parked: Parked[] = [];
  #position = 0;

  constructor(brokerName: string, host: string, clock: Clock, scheduler: Scheduler) {
    this.brokerName = brokerName;
    this.host = host;
    this.#clock = clock;
    this.#scheduler = scheduler;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  createTopic(topic: string, queueNums = 4): void {
    if (this.topics.has(topic)) return;
    this.topics.set(
      topic,
      Array.from({ length: queueNums }, () => []),
    );
  }

  queueData(topic: string): QueueData[] {
    const queues = this.topics.get(topic)?.length;
    if (queues === undefined) return [];
    const { brokerName, perm } = this;
    return [{ brokerName, perm, readQueueNums: queues, writeQueueNums: queues, topicSysFlag: 0 }];
  }

  /** Requests of one code. */
  of(code: number): Seen[] {
    return this.seen.filter((seen) => seen.code === code);
  }

  committed(group: string, topic: string, queueId: number): number | undefined {
    return this.offsets.get(`${topic}@${group}@${queueId}`);
  }

  onRequest(view: RequestView, peer: Peer): void {
    const command = decodeCommand(view);
    const definition = commandByCode(command.code);
    const fields = definition ? decodeHeader(definition.request, command.extFields) : {};
    const seen: Seen = {
      code: command.code,
      fields: fields as Seen['fields'],
      body: command.body ?? Buffer.alloc(0),
      peer,
    };
    this.seen.push(seen);
    const to = { opaque: view.opaque, headerType: view.headerType };
    const answer = this.script(seen) ?? this.#answer(seen, command, to);
    if (answer === 'cut') peer.destroy();
    else if (answer !== 'silent' && !view.isOneway) peer.reply(answer, to);
  }

  onTurnEnd(): void {}

  onClose(peer: Peer): void {
    this.#parked = this.#parked.filter((parked) => parked.peer !== peer);
    for (const [group, members] of this.members) {
      for (const [clientId, member] of members) {
        if (member === peer && members.delete(clientId)) this.#notify(group);
      }
    }
  }

  /** Stores a message; returns its position in the log. */
  store(
    topic: string,
    queueId: number,
    body: Buffer,
    properties: string,
    sysFlag = 0,
    flag = 0,
  ): number {
    const queue = this.topics.get(topic)?.[queueId];
    if (queue === undefined) throw new Error(`${topic} has no queue ${queueId}`);
    const fields = new RecordFields();
    const text = Buffer.from(properties);
    const name = Buffer.from(topic);
    Object.assign(fields, {
      queueId,
      flag,
      sysFlag,
      queueOffset: queue.length,
      commitLogOffset: this.#position,
      bornTimestamp: this.#clock.now(),
      bornHost: hostBytes('10.0.9.9'),
      storeTimestamp: this.#clock.now(),
      storeHost: hostBytes(this.host),
      storePort: this.port,
      body,
      bodyBytes: body.length,
      topic: name,
      topicBytes: name.length,
      properties: text,
      propertiesBytes: text.length,
    });
    const record = Buffer.alloc(recordBytes(fields) + 8);
    const bytes = encodeRecord(record, 0, fields);
    publishRecord(record, 0, bytes);
    queue.push(record.subarray(0, bytes));
    const position = this.#position;
    this.#position += bytes;
    this.#wake(topic, queueId);
    return position;
  }

  #answer(seen: Seen, command: RemotingCommand, to: ReplyTo): RemotingCommand | 'silent' {
    const { fields } = seen;
    const topic = String(fields['topic'] ?? '');
    const queue = this.topics.get(topic)?.[Number(fields['queueId'])];
    const key = `${topic}@${fields['consumerGroup']}@${fields['queueId']}`;
    switch (seen.code) {
      case RequestCode.SEND_MESSAGE_V2:
      case RequestCode.SEND_BATCH_MESSAGE:
        return this.#send(seen, command);
      case RequestCode.PULL_MESSAGE:
        return this.#pull(
          { peer: seen.peer, to, header: decodeHeader(PullMessage.request, command.extFields) },
          true,
        );
      case RequestCode.HEART_BEAT:
        return this.#heartbeat(seen);
      case RequestCode.UNREGISTER_CLIENT: {
        const group = String(fields['consumerGroup']);
        if (this.members.get(group)?.delete(String(fields['clientID']))) this.#notify(group);
        return success();
      }
      case RequestCode.GET_CONSUMER_LIST_BY_GROUP: {
        const consumerIdList = [
          ...(this.members.get(String(fields['consumerGroup'])) ?? new Map()).keys(),
        ];
        return success({}, encodeGetConsumerListByGroupResponse({ consumerIdList }));
      }
      case RequestCode.QUERY_CONSUMER_OFFSET: {
        const offset = this.offsets.get(key);
        if (offset === undefined)
          return responseOf(ResponseCode.QUERY_NOT_FOUND, { remark: 'none' });
        return success(encodeHeader(QueryConsumerOffset.response, { offset }));
      }
      case RequestCode.UPDATE_CONSUMER_OFFSET:
        this.offsets.set(key, Number(fields['commitOffset']));
        return success();
      case RequestCode.GET_MIN_OFFSET:
        return success(encodeHeader(GetMaxOffset.response, { offset: 0 }));
      case RequestCode.SEARCH_OFFSET_BY_TIMESTAMP:
        return success(
          encodeHeader(GetMaxOffset.response, { offset: Math.min(1, queue?.length ?? 0) }),
        );
      case RequestCode.GET_MAX_OFFSET:
        return success(encodeHeader(GetMaxOffset.response, { offset: queue?.length ?? 0 }));
      case RequestCode.VIEW_MESSAGE_BY_ID:
        return this.#view(Number(fields['offset']));
      case RequestCode.UPDATE_AND_CREATE_TOPIC:
        this.createTopic(topic, Number(fields['writeQueueNums']));
        return success();
      case RequestCode.DELETE_TOPIC_IN_BROKER:
        this.topics.delete(topic);
        return success();
      default: {
        const remark = ` request type ${seen.code} not supported`;
        return responseOf(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, { remark });
      }
    }
  }

  #send({ body }: Seen, command: RemotingCommand): RemotingCommand {
    const header = decodeHeader(SendMessageV2.request, command.extFields);
    this.createTopic(header.topic, header.defaultTopicQueueNums);
    const { topic, queueId, flag, sysFlag, properties = '' } = header;
    const queueOffset = this.topics.get(topic)?.[queueId]?.length ?? 0;
    const positions: number[] = [];
    if (header.batch) {
      const items = new BatchItems();
      items.read(body, 0, body.length);
      for (let index = 0; index < items.count; index++) {
        const start = items.bodyStarts[index] as number;
        const item = Buffer.from(
          body.subarray(start, start + (items.bodyLengths[index] as number)),
        );
        const textStart = items.propertiesStart(index);
        const textEnd = textStart + (items.propertiesLengths[index] as number);
        const text = body.toString('utf8', textStart, textEnd);
        positions.push(this.store(topic, queueId, item, text, 0, items.flags[index] as number));
      }
    } else {
      positions.push(this.store(topic, queueId, body, properties, sysFlag, flag));
    }
    const ids = positions.map((position) =>
      offsetMessageId(hostBytes(this.host), this.port, position),
    );
    const answer = { msgId: ids.join(','), queueId, queueOffset };
    return success(encodeHeader(SendMessageV2.response, answer));
  }

  #pull(parked: Parked, isFirst: boolean): RemotingCommand | 'silent' {
    const { header } = parked;
    const { topic, consumerGroup, queueId, queueOffset } = header;
    const queue = this.topics.get(topic)?.[queueId];
    if (queue === undefined)
      return responseOf(ResponseCode.TOPIC_NOT_EXIST, { remark: 'no topic' });
    if (isFirst && (header.sysFlag & PULL_FLAG.COMMIT_OFFSET) !== 0) {
      this.offsets.set(`${topic}@${consumerGroup}@${queueId}`, header.commitOffset);
    }
    const found = queue.slice(queueOffset, queueOffset + header.maxMsgNums);
    const isOutside = queueOffset > queue.length;
    if (found.length === 0 && !isOutside && isFirst && (header.sysFlag & PULL_FLAG.SUSPEND) !== 0) {
      this.#parked.push(parked);
      this.#scheduler.setTimer(header.suspendTimeoutMillis, () => this.#release(parked));
      return 'silent';
    }
    const code = isOutside
      ? ResponseCode.PULL_OFFSET_MOVED
      : found.length === 0
        ? ResponseCode.PULL_NOT_FOUND
        : ResponseCode.SUCCESS;
    const answer = {
      suggestWhichBrokerId: 0,
      nextBeginOffset: isOutside ? 0 : queueOffset + found.length,
      minOffset: 0,
      maxOffset: queue.length,
    };
    const extFields = encodeHeader(PullMessage.response, answer);
    return responseOf(code, { extFields, body: Buffer.concat(found) });
  }

  #release(parked: Parked): void {
    if (!this.#parked.includes(parked)) return;
    this.#parked = this.#parked.filter((other) => other !== parked);
    const answer = this.#pull(parked, false);
    if (answer !== 'silent') parked.peer.reply(answer, parked.to);
  }

  #wake(topic: string, queueId: number): void {
    for (const parked of this.#parked) {
      if (parked.header.topic === topic && parked.header.queueId === queueId) this.#release(parked);
    }
  }

  #heartbeat({ body, peer }: Seen): RemotingCommand {
    const { clientID, consumerDataSet } = decodeHeartbeatData(body);
    for (const { groupName } of consumerDataSet) {
      if (!isRetryTopic(groupName)) this.createTopic(retryTopic(groupName), 1);
      const members = this.members.get(groupName) ?? new Map<string, Peer>();
      this.members.set(groupName, members);
      const isNew = members.get(clientID) !== peer;
      members.set(clientID, peer);
      if (isNew) this.#notify(groupName);
    }
    return success();
  }

  #notify(consumerGroup: string): void {
    const extFields = encodeHeader(NotifyConsumerIdsChanged.request, { consumerGroup });
    for (const peer of this.members.get(consumerGroup)?.values() ?? []) {
      if (!peer.isClosed) peer.oneway(onewayOf(NotifyConsumerIdsChanged.code, { extFields }));
    }
  }

  #view(position: number): RemotingCommand {
    const records = [...this.topics.values()].flat(2);
    const found = records.find((record) => Number(record.readBigInt64BE(28)) === position);
    if (found !== undefined) return success({}, found);
    return responseOf(ResponseCode.SYSTEM_ERROR, { remark: 'can not find message' });
  }
}

/** Bodies of everything stored under a topic, as text. */
export const bodiesOf = (broker: FakeBroker, topic: string): string[] =>
  (broker.topics.get(topic) ?? []).flat().map((record) => {
    const length = record.readInt32BE(84);
    return record.toString('utf8', 88, 88 + length);
  });

/** The unique key in a properties text. */
export const uniqueKeyIn = (properties: string): string | undefined =>
  parseProperties(properties).get(PROPERTY.UNIQUE_KEY);
