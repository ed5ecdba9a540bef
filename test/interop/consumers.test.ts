// Push consumers of 4.9.2: clustering with rebalance, broadcasting, ordered, filtered, and their committed offsets.
import * as assert from 'uvu/assert';
import { eventually } from '../support/eventually.ts';
import { type Cluster, interopSuite } from '../support/interop.ts';
import type { LedgerFacts, ProduceFacts } from '../support/java-driver.ts';

const QUEUES = 4;
const LIMIT_MS = 120_000;
// A client looks for changes by itself only every 20 s: what happens sooner was told to it by the broker.
const NOTICE_LIMIT_MS = 15_000;
const COMMIT_LIMIT_MS = 15_000;
const SETTLE_MS = 500;

interopSuite('interop: push consumers', (test, interop) => {
  const createTopic = async (cluster: Cluster): Promise<string> => {
    const topic = interop.unique('consume');
    await cluster.driver.call('topicCreate', { ...cluster.at, topic, queues: QUEUES });
    return topic;
  };
  const produce = (cluster: Cluster, topic: string, facts: object = {}): Promise<ProduceFacts> => {
    const usual = { mode: 'sync', route: 'queue', lanes: QUEUES, count: 100, bodyBytes: 100 };
    return cluster.driver.call<ProduceFacts>('produce', {
      ...cluster.at,
      ...usual,
      topic,
      run: topic,
      ...facts,
    });
  };
  const open = (cluster: Cluster, topic: string, handle: string, facts: object): Promise<string> =>
    cluster.driver.call<string>('consumerOpen', { ...cluster.at, topic, handle, ...facts });
  const close = (cluster: Cluster, handle: string): Promise<boolean> =>
    cluster.driver.call<boolean>('consumerClose', { handle });
  const books = (cluster: Cluster, handles: string[], distinct: number): Promise<LedgerFacts> =>
    cluster.driver.call<LedgerFacts>('awaitLedger', {
      handles,
      distinct,
      timeoutMs: 30_000,
      settleMs: SETTLE_MS,
    });
  const assigned = (cluster: Cluster, topic: string, handle: string): Promise<string[]> =>
    cluster.driver.call<string[]>('assigned', { topic, handle });
  const committed = async (cluster: Cluster, topic: string, group: string): Promise<number> => {
    let sum = 0;
    for (let queueId = 0; queueId < QUEUES; queueId++) {
      const answer = await cluster.driver.call<{ fields?: { offset?: string } }>('invoke', {
        address: cluster.broker.address,
        code: 14,
        fields: { consumerGroup: group, topic, queueId },
      });
      sum += Number(answer.fields?.offset ?? 0);
    }
    return sum;
  };

  test(
    'two members share the queues; when one leaves the other takes them all, and each message is read once',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const group = interop.unique('cluster-group');
      const [one, two] = [interop.unique('member'), interop.unique('member')];
      await open(cluster, topic, one, { group });
      await open(cluster, topic, two, { group });
      const split = await eventually(
        async () => [await assigned(cluster, topic, one), await assigned(cluster, topic, two)],
        ([first = [], second = []]) => first.length === 2 && second.length === 2,
        NOTICE_LIMIT_MS,
      );
      assert.is(new Set(split.flat()).size, QUEUES);

      const before = await produce(cluster, topic);
      const shared = await books(cluster, [one, two], 400);
      assert.is(shared.distinct, 400);
      assert.is(shared.duplicates, 0);
      assert.is(shared.contentBreaks + shared.storeBreaks + shared.mixedLanes, 0);
      assert.is(shared.sum, before.sum);
      assert.equal(Object.values(shared.perQueue), [100, 100, 100, 100]);
      assert.is((await books(cluster, [one], 200)).received, 200);

      await close(cluster, two);
      const left = await eventually(
        () => assigned(cluster, topic, one),
        (queues) => queues.length === QUEUES,
        NOTICE_LIMIT_MS,
      );
      assert.is(left.length, QUEUES);
      await produce(cluster, topic, { first: 100 });
      const all = await books(cluster, [one, two], 800);
      assert.is(all.distinct, 800);
      assert.is(all.duplicates, 0);
      assert.is(all.contentBreaks, 0);
      await close(cluster, one);
    },
    LIMIT_MS,
  );

  test(
    'a member whose process dies gives its queues up at once',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const group = interop.unique('dying-group');
      const mortal = await interop.extraDriver();
      const [one, two] = [interop.unique('member'), interop.unique('member')];
      await open(cluster, topic, one, { group });
      await mortal.call('consumerOpen', { ...cluster.at, topic, group, handle: two });
      const shared = await eventually(
        () => assigned(cluster, topic, one),
        (queues) => queues.length === QUEUES / 2,
        NOTICE_LIMIT_MS,
      );
      assert.is(shared.length, QUEUES / 2);
      await mortal.kill9();
      const left = await eventually(
        () => assigned(cluster, topic, one),
        (queues) => queues.length === QUEUES,
        NOTICE_LIMIT_MS,
      );
      assert.is(left.length, QUEUES);
      await produce(cluster, topic);
      assert.is((await books(cluster, [one], 400)).distinct, 400);
      await close(cluster, one);
    },
    LIMIT_MS,
  );

  test(
    'in broadcasting every member reads every message',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const group = interop.unique('broadcast-group');
      const members = [interop.unique('member'), interop.unique('member')];
      for (const member of members) await open(cluster, topic, member, { group, broadcast: true });
      const sent = await produce(cluster, topic);
      for (const member of members) {
        const book = await books(cluster, [member], 400);
        assert.is(book.received, 400);
        assert.is(book.distinct, 400);
        assert.is(book.contentBreaks + book.storeBreaks, 0);
        assert.is(book.sum, sent.sum);
        await close(cluster, member);
      }
    },
    LIMIT_MS,
  );

  test(
    'ordered listeners get each queue in order, and its lock passes on when its holder leaves',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const group = interop.unique('ordered-group');
      const [one, two] = [interop.unique('member'), interop.unique('member')];
      await open(cluster, topic, one, { group, orderly: true });
      const before = await produce(cluster, topic);
      const first = await books(cluster, [one], 400);
      assert.is(first.distinct, 400);
      assert.is(first.deliveryBreaks + first.storeBreaks + first.duplicates, 0);
      assert.is(first.sum, before.sum);
      await open(cluster, topic, two, { group, orderly: true });
      await close(cluster, one);
      const left = await eventually(
        () => assigned(cluster, topic, two),
        (queues) => queues.length === QUEUES,
        NOTICE_LIMIT_MS,
      );
      assert.is(left.length, QUEUES);
      await produce(cluster, topic, { first: 100 });
      const second = await books(cluster, [two], 400);
      assert.is(second.received, 400);
      assert.is(second.deliveryBreaks + second.storeBreaks + second.contentBreaks, 0);
      await close(cluster, two);
    },
    LIMIT_MS,
  );

  test(
    'a tag expression delivers those tags and no others',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const group = interop.unique('tag-group');
      const member = interop.unique('member');
      await open(cluster, topic, member, { group, expression: 'red || blue' });
      await produce(cluster, topic, { tags: ['red', 'green', 'blue', 'white'] });
      const book = await books(cluster, [member], 200);
      assert.equal(book.perTag, { blue: 100, red: 100 });
      assert.is(book.contentBreaks, 0);
      await close(cluster, member);
    },
    LIMIT_MS,
  );

  test(
    'a group that comes back goes on where it had committed',
    async () => {
      const cluster = await interop.cluster();
      const topic = await createTopic(cluster);
      const group = interop.unique('returning-group');
      const [one, two] = [interop.unique('member'), interop.unique('member')];
      await open(cluster, topic, one, { group });
      await produce(cluster, topic);
      assert.is((await books(cluster, [one], 400)).distinct, 400);
      const sum = await eventually(
        () => committed(cluster, topic, group),
        (offsets) => offsets === 400,
        COMMIT_LIMIT_MS,
      );
      assert.is(sum, 400);
      await close(cluster, one);
      await produce(cluster, topic, { first: 100 });
      await open(cluster, topic, two, { group });
      const later = await books(cluster, [two], 400);
      assert.is(later.received, 400);
      assert.is(later.contentBreaks, 0);
      await close(cluster, two);
    },
    LIMIT_MS,
  );
});
