// Measures: what a send costs the application's thread, with a channel that writes the request, reads an answer and gives
// it in the next turn: everything but the transport. Bodies have 128 bytes, 1,000 sends or 32 batches are under way.
// Threads: 1. Unit: nanoseconds of processor time a message (median, least and most of the rounds), user and system, so
// that other work on the machine counts less.
import { assert } from '../../src/base/index.ts';
import {
  type Channel,
  type OutgoingMessage,
  Producer,
  systemEnvironment,
} from '../../src/client/index.ts';
import {
  type CommandDefinition,
  encodeCommand,
  encodeTopicRouteData,
  type HeaderOf,
  type HeaderSchema,
  positionalBytesMax,
  RequestView,
  responseOf,
  SendMessageV2,
  writePositional,
} from '../../src/protocol/index.ts';
import type { CallDone } from '../../src/transport/index.ts';
import { repeat, report, size } from '../support/measure.ts';

const SENDS = size(2_000, 200_000);
const ROUNDS = size(2, 7);
const IN_FLIGHT = 1_000;
const BATCHES_IN_FLIGHT = 32;
const BATCH = 64;
const TOPIC = 'TopicTest';
const BODY = Buffer.alloc(128, 'x');

const routeFrame = encodeCommand(
  responseOf(0, {
    body: encodeTopicRouteData(
      {
        brokerDatas: [
          { brokerName: 'b', cluster: 'C', brokerAddrs: new Map([[0, '127.0.0.1:10911']]) },
        ],
        queueDatas: [
          { brokerName: 'b', perm: 6, readQueueNums: 8, writeQueueNums: 8, topicSysFlag: 0 },
        ],
        filterServerTable: new Map(),
      },
      false,
    ),
  }),
);
const RESULT = { msgId: '7F00000100002A9F0000000000000000', queueId: 0, queueOffset: 123_456 };

/** Writes requests into memory, and answers the sends of a turn in the next one. */
class InstantChannel implements Channel {
  readonly #isFrameWritten: boolean;
  readonly #request = Buffer.alloc(1024 * 1024);
  readonly #answer = Buffer.alloc(1024);
  readonly #answerBytes: number;
  readonly #view = new RequestView();
  readonly #routeView = new RequestView();
  #waiting: CallDone[] = [];

  constructor(isFrameWritten: boolean) {
    this.#isFrameWritten = isFrameWritten;
    const facts = { code: 0, flag: 1, opaque: 7 };
    this.#answerBytes = writePositional(this.#answer, 0, facts, SendMessageV2.response, RESULT, 0);
    this.#view.scan(this.#answer, 0, this.#answerBytes);
    this.#routeView.scan(routeFrame, 0, routeFrame.length);
  }

  call<Q extends HeaderSchema, S extends HeaderSchema>(
    definition: CommandDefinition<Q, S>,
    _address: string,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
    _timeoutMs: number,
    done: CallDone,
  ): void {
    if (definition.code !== SendMessageV2.code && definition.code !== 320) {
      setImmediate(() => done(undefined, this.#routeView));
      return;
    }
    if (this.#isFrameWritten) {
      assert(
        positionalBytesMax(definition.request, header) < this.#request.length,
        'the header has room',
      );
      const facts = { code: definition.code, flag: 0, opaque: 1 };
      const bytes = body?.length ?? 0;
      const end = writePositional(this.#request, 0, facts, definition.request, header, bytes);
      if (body !== undefined) this.#request.set(body, end);
    }
    if (this.#waiting.length === 0) setImmediate(this.#answerAll);
    this.#waiting.push(done);
  }

  oneway(): void {}
  close(): void {}

  readonly #answerAll = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) {
      if (this.#isFrameWritten) this.#view.scan(this.#answer, 0, this.#answerBytes);
      done(undefined, this.#view);
    }
  };
}

const message: OutgoingMessage = { topic: TOPIC, body: BODY, tags: 'TagA' };
const batch = Array.from({ length: BATCH }, () => message);

/** Sends `count` times with a bounded number under way; resolves when all have settled. */
const pipelined = (count: number, inFlight: number, send: () => Promise<unknown>): Promise<void> =>
  new Promise((resolve, reject) => {
    let begun = 0;
    let ended = 0;
    const next = (): void => {
      ended += 1;
      if (ended === count) resolve();
      else if (begun < count) begin();
    };
    const begin = (): void => {
      begun += 1;
      send().then(next, reject);
    };
    for (let index = 0; index < Math.min(inFlight, count); index++) begin();
  });

const cpuNs = async (messages: number, work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / messages;
};

for (const isFrameWritten of [false, true]) {
  const producer = new Producer({
    namesrvAddr: '127.0.0.1:9876',
    producerGroup: 'bench',
    environment: systemEnvironment(),
    openChannel: () => new InstantChannel(isFrameWritten),
  });
  await producer.start();
  const first = await producer.send(message);
  assert(first.queueOffset === RESULT.queueOffset, 'the answer is read');
  const suffix = isFrameWritten ? 'with frames' : 'bare';
  const single = await repeat(ROUNDS, () =>
    cpuNs(SENDS, () => pipelined(SENDS, IN_FLIGHT, () => producer.send(message))),
  );
  report(`client/send ${suffix}`, 'ns', single);
  const batches = Math.ceil(SENDS / 16);
  const perMessage = await repeat(ROUNDS, () =>
    cpuNs(batches * BATCH, () =>
      pipelined(batches, BATCHES_IN_FLIGHT, () => producer.sendBatch(batch)),
    ),
  );
  report(`client/batch of ${BATCH} ${suffix}`, 'ns', perMessage);
}
