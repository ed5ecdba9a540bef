// Every way a 4.9.2 producer sends, read back and compared by content hash, count and order.
import * as assert from 'uvu/assert';
import { type Cluster, interopSuite } from '../support/interop.ts';
import type { LedgerFacts, ProduceFacts } from '../support/java-driver.ts';

const LANES = 4;
const COUNT = 250;
const FIRST_LIMIT_MS = 180_000;
const LIMIT_MS = 90_000;

interface MessageFacts {
  readonly topic: string;
  readonly keys: string;
  readonly tags: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly isWhole: boolean;
  readonly bodyBytes: number;
}

interface SendCase {
  readonly claim: string;
  readonly mode: 'sync' | 'async' | 'oneway' | 'batch';
  readonly route: 'any' | 'queue' | 'selector';
  /** Whether a lane stays in one queue in the order it was sent. */
  readonly isOrdered: boolean;
}

const CASES: readonly SendCase[] = [
  { claim: 'synchronous sends', mode: 'sync', route: 'any', isOrdered: false },
  { claim: 'synchronous sends to a named queue', mode: 'sync', route: 'queue', isOrdered: true },
  { claim: 'sends with a queue selector', mode: 'sync', route: 'selector', isOrdered: true },
  { claim: 'asynchronous sends', mode: 'async', route: 'any', isOrdered: false },
  {
    claim: 'asynchronous sends with a selector',
    mode: 'async',
    route: 'selector',
    isOrdered: false,
  },
  { claim: 'batches', mode: 'batch', route: 'any', isOrdered: false },
  { claim: 'batches to a named queue', mode: 'batch', route: 'queue', isOrdered: true },
  { claim: 'one-way sends', mode: 'oneway', route: 'queue', isOrdered: false },
  { claim: 'one-way sends with a selector', mode: 'oneway', route: 'selector', isOrdered: false },
];

interopSuite('interop: produce and consume', (test, interop) => {
  const createTopic = async (cluster: Cluster): Promise<string> => {
    const topic = interop.unique('produce');
    await cluster.driver.call('topicCreate', { ...cluster.at, topic, queues: LANES });
    return topic;
  };
  const produce = (cluster: Cluster, topic: string, facts: object): Promise<ProduceFacts> =>
    cluster.driver.call<ProduceFacts>('produce', {
      ...cluster.at,
      topic,
      run: topic,
      mode: 'sync',
      route: 'any',
      lanes: LANES,
      count: COUNT,
      bodyBytes: 200,
      inFlight: 64,
      batch: 25,
      ...facts,
    });
  const pullAll = (cluster: Cluster, topic: string, facts: object = {}): Promise<LedgerFacts> =>
    cluster.driver.call<LedgerFacts>('pull', { ...cluster.at, topic, group: 'reader', ...facts });

  const assertWhole = (ledger: LedgerFacts, sent: ProduceFacts, count: number): void => {
    assert.equal(sent.errors, []);
    assert.is(sent.acknowledged, count);
    assert.is(ledger.distinct, count);
    assert.is(ledger.duplicates, 0);
    assert.is(ledger.contentBreaks, 0);
    assert.is(ledger.foreign, 0);
    assert.is(ledger.sum, sent.sum);
  };

  for (const { claim, mode, route, isOrdered } of CASES) {
    const body = async (): Promise<void> => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const total = LANES * COUNT;
      const sent = await produce(cluster, topic, { mode, route });
      // A one-way send is answered by nothing: the last ones may still be on their way.
      const ledger = await cluster.driver.call<LedgerFacts>('awaitPull', {
        ...cluster.at,
        topic,
        group: 'reader',
        distinct: total,
        timeoutMs: 20_000,
      });
      assertWhole(ledger, sent, total);
      if (mode !== 'oneway') assert.equal(sent.statuses, { SEND_OK: total });
      if (mode !== 'oneway') assert.equal(ledger.perQueue, sent.perQueue);
      if (isOrdered) assert.is(ledger.storeBreaks + ledger.deliveryBreaks + ledger.mixedLanes, 0);
      if (route !== 'any') assert.is(Object.keys(ledger.perQueue).length, LANES);
    };
    test(`${claim} arrive whole`, body, FIRST_LIMIT_MS);
  }

  test(
    'the first send to an unknown topic creates it',
    async () => {
      const cluster = await interop.cluster();
      const topic = interop.unique('created-by-send');
      const sent = await produce(cluster, topic, { lanes: 1, count: 40 });
      assertWhole(await pullAll(cluster, topic), sent, 40);
      assert.is(Object.keys(sent.perQueue).length, 4);
    },
    LIMIT_MS,
  );

  test(
    'the port two below the main one serves producers',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const sent = await produce(cluster, topic, { vip: true, lanes: 1, count: 100 });
      assertWhole(await pullAll(cluster, topic), sent, 100);
    },
    LIMIT_MS,
  );

  test(
    'large and compressed bodies arrive whole',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      // Above 4 KiB the client compresses by itself; the second lot is stored as it is.
      const packed = await produce(cluster, topic, { lanes: 2, count: 20, bodyBytes: 20_000 });
      const large = { lanes: 1, count: 6, bodyBytes: 3_000_000, compressOver: 4_000_000 };
      const sent = await produce(cluster, topic, { ...large, run: `${topic}-large` });
      assert.is(packed.acknowledged + sent.acknowledged, 46);
      const ledger = await pullAll(cluster, topic);
      assert.is(ledger.distinct, 46);
      assert.is(ledger.contentBreaks, 0);
    },
    LIMIT_MS,
  );

  test(
    'a message is found by the id its producer was given',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const sent = await produce(cluster, topic, { lanes: 1, count: 3, tags: ['red'] });
      const found = await cluster.driver.call<MessageFacts>('message', {
        ...cluster.at,
        msgId: sent.offsetMsgId,
      });
      assert.is(found.topic, topic);
      assert.is(found.keys, `${topic}-0-0`);
      assert.is(found.tags, 'red');
      assert.is(found.queueId, sent.queueId);
      assert.is(found.queueOffset, sent.queueOffset);
      assert.is(found.bodyBytes, 200);
      assert.ok(found.isWhole);
    },
    LIMIT_MS,
  );

  test(
    'a request code the broker does not serve is answered with REQUEST_CODE_NOT_SUPPORTED and its number',
    async () => {
      const cluster = await interop.cluster();
      const answer = await cluster.driver.call<{ code: number; remark?: string }>('invoke', {
        address: cluster.broker.address,
        code: 31_999,
      });
      assert.is(answer.code, 3);
      assert.match(answer.remark ?? '', '31999');
    },
    LIMIT_MS,
  );
});
