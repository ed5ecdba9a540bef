// Measures: what a message costs a consumer's thread, with a channel that answers each pull in the next turn with the
// addresses of 1,024 messages (bodies of 128 bytes) and a log in memory: everything but the transport. The copy of the
// bytes is part of it; `body` also looks at each message's body and tags.
// Threads: 1. Unit: nanoseconds of processor time a message (median, least and most of the rounds), user and system, so
// that other work on the machine counts less.
import { assert, type BodyReader } from '../../src/base/index.ts';
import {
  type Channel,
  PullConsumer,
  PushConsumer,
  type ReceivedMessage,
  systemEnvironment,
} from '../../src/client/index.ts';
import {
  encodeRecord,
  hostBytes,
  LOG_RUN_BYTES,
  publishRecord,
  RecordFields,
  recordBytes,
  writeLogRun,
} from '../../src/message/index.ts';
import {
  encodeCommand,
  encodeGetConsumerListByGroupResponse,
  encodeHeader,
  encodeTopicRouteData,
  GetMaxOffset,
  PullMessage,
  type RemotingCommand,
  RequestCode,
  RequestView,
  responseOf,
  writePositional,
} from '../../src/protocol/index.ts';
import { repeat, report, size } from '../support/measure.ts';

const PULLS = size(10, 1000);
const ROUNDS = size(2, 7);
const BATCH = 1024;
const TOPIC = 'TopicTest';
const QUEUE = { topic: TOPIC, brokerName: 'b', queueId: 0 };

const createLog = (): Buffer => {
  const records: Buffer[] = [];
  let position = 0;
  for (let index = 0; index < BATCH; index++) {
    const fields = new RecordFields();
    const body = Buffer.alloc(128, 'x');
    const topic = Buffer.from(TOPIC);
    const properties = Buffer.from(
      'TAGS\u0001TagA\u0002UNIQ_KEY\u00017F0000010000000000000000000000AA',
    );
    const host = hostBytes('127.0.0.1');
    Object.assign(fields, {
      queueOffset: index,
      commitLogOffset: position,
      bornHost: host,
      storeHost: host,
      body,
      bodyBytes: body.length,
      topic,
      topicBytes: topic.length,
      properties,
      propertiesBytes: properties.length,
    });
    const record = Buffer.alloc(recordBytes(fields) + 8);
    const bytes = encodeRecord(record, 0, fields);
    publishRecord(record, 0, bytes);
    records.push(record.subarray(0, bytes));
    position += bytes;
  }
  return Buffer.concat(records);
};

const log = createLog();
const bodies: BodyReader = {
  lease: () => undefined,
  copyTo(position, bytes, target, at) {
    log.copy(target, at, position, position + bytes);
    return true;
  },
  refresh: () => undefined,
  close: () => undefined,
};

const viewOf = (frame: Buffer): RequestView => {
  const view = new RequestView();
  assert(view.scan(frame, 0, frame.length), 'the answer can be read');
  return view;
};
const answer = (parts: Parameters<typeof responseOf>[1], code = 0): RequestView =>
  viewOf(encodeCommand(responseOf(code, parts) as RemotingCommand));

/** The answer of a pull: each leads one batch further. */
class PulledAnswer {
  readonly #frame = Buffer.alloc(256);
  readonly #view = new RequestView();
  #pulls = 0;

  next(): RequestView {
    this.#pulls += 1;
    const nextBeginOffset = this.#pulls * BATCH;
    const header = { suggestWhichBrokerId: 0, nextBeginOffset, minOffset: 0, maxOffset: 9e12 };
    const facts = { code: 0, flag: 1, opaque: 1 };
    const frame = this.#frame;
    const at = writePositional(frame, 0, facts, PullMessage.response, header, LOG_RUN_BYTES);
    this.#view.scan(frame, 0, writeLogRun(frame, at, 0, log.length));
    return this.#view;
  }
}

const noRoute = answer({ remark: 'no such topic' }, 17);
const route = answer({
  body: encodeTopicRouteData(
    {
      brokerDatas: [{ brokerName: 'b', cluster: 'C', brokerAddrs: new Map([[0, '127.0.0.1:1']]) }],
      queueDatas: [
        { brokerName: 'b', perm: 6, readQueueNums: 1, writeQueueNums: 1, topicSysFlag: 0 },
      ],
      filterServerTable: new Map(),
    },
    false,
  ),
});
const offsetAnswer = answer({ extFields: encodeHeader(GetMaxOffset.response, { offset: 0 }) });

/** A channel that gives every pull the same messages; `clientId` is the group's only member. */
const createChannel = (clientId: () => string, pulls = new PulledAnswer()): Channel => ({
  call(definition, _address, header, _body, _timeoutMs, done) {
    const view = ((): RequestView => {
      switch (definition.code) {
        case RequestCode.GET_ROUTEINFO_BY_TOPIC:
          return (header as { topic?: string }).topic === TOPIC ? route : noRoute;
        case RequestCode.PULL_MESSAGE:
          return pulls.next();
        case RequestCode.GET_CONSUMER_LIST_BY_GROUP: {
          const consumerIdList = [clientId()];
          return answer({ body: encodeGetConsumerListByGroupResponse({ consumerIdList }) });
        }
        default:
          return offsetAnswer;
      }
    })();
    setImmediate(() => done(undefined, view));
  },
  oneway: (_definition, _address, _header, _body, done) => setImmediate(done),
  close: () => undefined,
  bodiesOf: () => bodies,
});

const cpuNs = async (messages: number, work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / messages;
};

const common = { namesrvAddr: '127.0.0.1:1', environment: systemEnvironment() };
let seen = 0;
const looks: Readonly<Record<string, (message: ReceivedMessage) => void>> = {
  bare: () => undefined,
  body: (message) => {
    if (message.body.length === 128 && message.tags === 'TagA') seen += 1;
  },
};

for (const [name, look] of Object.entries(looks)) {
  const puller = new PullConsumer({
    ...common,
    consumerGroup: 'CG',
    openChannel: () => createChannel(() => ''),
  });
  await puller.start();
  const pull = async (): Promise<void> => {
    for (let count = 0; count < PULLS; count++) {
      const { messages } = await puller.pull(QUEUE, 0, { maxMessages: BATCH });
      assert(messages.length === BATCH, 'all messages are found');
      for (const message of messages) look(message);
    }
  };
  report(`client/pull ${name}`, 'ns', await repeat(ROUNDS, () => cpuNs(PULLS * BATCH, pull)));
  await puller.close();

  let waiting: { left: number; done: () => void } | undefined;
  const push = new PushConsumer({
    ...common,
    consumerGroup: 'CG',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    openChannel: () => createChannel(() => push.clientId),
  });
  push.subscribe(TOPIC, '*', (message) => {
    look(message);
    if (waiting === undefined) return;
    waiting.left -= 1;
    if (waiting.left === 0) waiting.done();
  });
  await push.start();
  const consume = (): Promise<void> =>
    new Promise((done) => {
      waiting = { left: PULLS * BATCH, done };
    });
  report(`client/push ${name}`, 'ns', await repeat(ROUNDS, () => cpuNs(PULLS * BATCH, consume)));
  await push.close();
}
assert(seen > PULLS * BATCH, 'the messages have what was stored');
