import * as assert from 'uvu/assert';
import { PullAnswer, pullResponseCode } from '../../src/broker/pull-answer.ts';
import { PullWork } from '../../src/broker/pull-work.ts';
import { TagFilter } from '../../src/filter/index.ts';
import { LOG_RUN_BYTES, logRunBytes, logRunOffset } from '../../src/message/index.ts';
import {
  decodeCommand,
  decodeHeader,
  HEADER_TYPE,
  PullMessage,
  RequestView,
  readPositional,
} from '../../src/protocol/index.ts';
import {
  createBodyReader,
  GetStatus,
  type MessageStore,
  readPositions,
} from '../../src/storage/index.ts';
import { OutputBuffer, OutputPool, type Peer } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { bodiesOf, bootBroker, openStore, pullOf, sendOf, T } from './broker-fixture.ts';

const test = suite('answers of pulls');
const NO_OWNER = { onFirstBytes: () => undefined, onGrow: () => undefined };

test('what the store found has the response code RocketMQ gives it', () => {
  const table: readonly (readonly [number, number, number])[] = [
    [GetStatus.FOUND, 5, 0],
    [GetStatus.MESSAGE_WAS_REMOVING, 5, 20],
    [GetStatus.NO_MATCHED_MESSAGE, 5, 20],
    [GetStatus.NO_MATCHED_LOGIC_QUEUE, 0, 19],
    [GetStatus.NO_MATCHED_LOGIC_QUEUE, 5, 21],
    [GetStatus.NO_MESSAGE_IN_QUEUE, 0, 19],
    [GetStatus.NO_MESSAGE_IN_QUEUE, 5, 21],
    [GetStatus.OFFSET_FOUND_NULL, 5, 19],
    [GetStatus.OFFSET_OVERFLOW_ONE, 5, 19],
    [GetStatus.OFFSET_OVERFLOW_BADLY, 5, 21],
    [GetStatus.OFFSET_TOO_SMALL, 5, 21],
  ];
  for (const [status, queueOffset, code] of table) {
    assert.is(pullResponseCode(status, queueOffset), code, `status ${status} at ${queueOffset}`);
  }
});

test('an answer says what was found, where to go on, and what the queue holds', () => {
  const { client } = bootBroker();
  for (const body of ['a', 'b', 'c']) client.call(sendOf({ properties: { TAGS: 'A' } }, body));
  client.call(sendOf({ queueId: 1, topic: 'Empty' }));
  const table = [
    [{ queueOffset: 0 }, 0, 'FOUND', 3, 3],
    [{ queueOffset: 2 }, 0, 'FOUND', 3, 3],
    [{ queueOffset: 3 }, 19, 'OFFSET_OVERFLOW_ONE', 3, 3],
    [{ queueOffset: 4 }, 21, 'OFFSET_OVERFLOW_BADLY', 0, 3],
    [{ queueOffset: Number.MAX_SAFE_INTEGER }, 21, 'OFFSET_OVERFLOW_BADLY', 0, 3],
    [{ queueOffset: -1 }, 21, 'OFFSET_TOO_SMALL', 0, 3],
    [{ queueOffset: 0, subscription: 'B' }, 20, 'NO_MATCHED_MESSAGE', 3, 3],
    [{ queueOffset: 0, topic: 'Empty' }, 19, 'NO_MESSAGE_IN_QUEUE', 0, 0],
    [{ queueOffset: 7, topic: 'Empty' }, 21, 'NO_MESSAGE_IN_QUEUE', 0, 0],
  ] as const;
  for (const [fields, code, remark, next, max] of table) {
    const answer = client.call(pullOf(fields));
    const what = JSON.stringify(fields);
    assert.equal([answer.code, answer.remark], [code, remark], what);
    assert.equal(
      answer.extFields,
      {
        maxOffset: String(max),
        minOffset: '0',
        nextBeginOffset: String(next),
        suggestWhichBrokerId: '0',
      },
      what,
    );
  }
});

test('records are whole whatever length the header turns out to have', () => {
  const { client } = bootBroker();
  const bodies = Array.from({ length: 120 }, (_, index) => `${index}`.repeat(1 + (index % 40)));
  for (const body of bodies) client.call(sendOf({}, body));
  for (let queueOffset = 0; queueOffset < 120; queueOffset += 7) {
    for (const maxMsgNums of [1, 9, 11, 100]) {
      const answer = client.call(pullOf({ queueOffset, maxMsgNums }));
      const found = bodiesOf(answer);
      assert.equal(found, bodies.slice(queueOffset, queueOffset + found.length));
      assert.is(answer.extFields?.['nextBeginOffset'], String(queueOffset + found.length));
    }
  }
});

/** Answers of one pull over the network and over a ring, as far as nothing was written yet. */
const bothWays = (store: MessageStore, fields: Partial<PullWork>) => {
  const answer = new PullAnswer(store);
  const queue = store.queue(T, 0);
  return [HEADER_TYPE.JSON, HEADER_TYPE.POSITIONAL].map((headerType) => {
    const output = new OutputBuffer(new OutputPool(), NO_OWNER);
    const work = Object.assign(new PullWork(), { maxMessages: 32, opaque: 9 }, fields);
    work.headerType = headerType;
    const code = answer.execute(queue, work, { output } as Peer);
    const view = new RequestView();
    if (output.length === 0) return { code, view, header: undefined, body: undefined };
    assert.ok(view.scan(output.buffer, 0, output.length));
    assert.is(view.headerType, headerType);
    assert.is(view.opaque, 9);
    const body = output.buffer.subarray(view.bodyStart, view.bodyEnd);
    const header =
      headerType === HEADER_TYPE.POSITIONAL
        ? readPositional(PullMessage.response, view)
        : decodeHeader(PullMessage.response, decodeCommand(view).extFields);
    return { code: view.code, view, header, body };
  });
};

test('over a ring a pull gets addresses; codes, offsets and waiting are the same', () => {
  const { store, env } = openStore();
  const queue = store.queue(T, 0);
  for (let count = 0; count < 3; count++) store.append(Object.assign(store.message, { queue }));
  const filter = new TagFilter(['none']);
  const table: Partial<PullWork>[] = [
    { queueOffset: 0 },
    { queueOffset: 2 },
    { queueOffset: 3 },
    { queueOffset: 3, waitUntilMs: 1000 },
    { queueOffset: 4 },
    { queueOffset: -1 },
    { queueOffset: 0, filter },
  ];
  for (const fields of table) {
    const [plain, addressed] = bothWays(store, fields);
    assert.is(addressed?.code, plain?.code);
    assert.equal(addressed?.header, plain?.header);
    const isFound = plain?.code === 0;
    assert.is(addressed?.body?.length, plain?.body && (isFound ? LOG_RUN_BYTES : 0));
    if (!isFound || addressed?.body === undefined) continue;
    const reader = createBodyReader({
      ...env,
      folder: store.paths.commitLog,
      segmentBytes: store.settings.mappedFileSizeCommitLog,
    });
    const bytes = Buffer.alloc(logRunBytes(addressed.body, 0));
    assert.ok(reader.copyTo(logRunOffset(addressed.body, 0), bytes.length, bytes, 0));
    assert.ok(plain?.body?.equals(bytes));
    reader.close();
  }
});

test('what a pull over a ring finds has left the memory of this thread', () => {
  const { store } = openStore({ segments: 'windowed' });
  const queue = store.queue(T, 0);
  store.append(Object.assign(store.message, { queue }));
  const [, addressed] = bothWays(store, {});
  assert.is(addressed?.code, 0);
  assert.is(readPositions(store.positionMemory).appended, store.appendedPosition);
});

/** Fails at the second message it is asked about. */
class FragileFilter extends TagFilter {
  #asked = 0;

  override matches(): boolean {
    this.#asked += 1;
    if (this.#asked > 1) throw new Error('injected');
    return true;
  }
}

test('an answer that fails half-way leaves nothing in the connection', () => {
  const { store } = openStore();
  const queue = store.queue(T, 0);
  for (let count = 0; count < 3; count++) store.append(Object.assign(store.message, { queue }));
  const output = new OutputBuffer(new OutputPool(), NO_OWNER);
  output.append(Buffer.from('before'));
  const peer = { output } as Peer; // The writer touches nothing else of it.
  const answer = new PullAnswer(store);
  const work = Object.assign(new PullWork(), { maxMessages: 32 });
  work.filter = new FragileFilter([]);
  assert.throws(() => answer.execute(queue, work, peer), 'injected');
  assert.is(output.buffer.toString('latin1', 0, output.length), 'before');
  work.filter = undefined;
  assert.is(answer.execute(queue, work, peer), 0);
});
