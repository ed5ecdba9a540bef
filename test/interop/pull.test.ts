// The two pull consumers of 4.9.2: plain and lite, with filters, long polling and offsets.
import * as assert from 'uvu/assert';
import { type Cluster, interopSuite } from '../support/interop.ts';
import type { LedgerFacts, ProduceFacts } from '../support/java-driver.ts';

const QUEUES = 4;
const LIMIT_MS = 120_000;

interface OffsetFacts {
  readonly min: number;
  readonly max: number;
  readonly committedBefore: number;
  readonly committedAfter: number;
  readonly beyond: string;
  readonly atEnd: string;
  readonly unmatched: string;
  readonly atZeroTime: number;
  readonly atEndOfTime: number;
}

interopSuite('interop: pull consumers', (test, interop) => {
  const fill = async (
    cluster: Cluster,
    facts: object = {},
  ): Promise<{ topic: string; sent: ProduceFacts }> => {
    const topic = interop.unique('pull');
    await cluster.driver.call('topicCreate', { ...cluster.at, topic, queues: QUEUES });
    const usual = { mode: 'sync', route: 'queue', lanes: QUEUES, count: 100, bodyBytes: 100 };
    const sent = await cluster.driver.call<ProduceFacts>('produce', {
      ...cluster.at,
      ...usual,
      topic,
      run: topic,
      ...facts,
    });
    return { topic, sent };
  };

  test(
    'a pull consumer reads every queue in order',
    async () => {
      const cluster = await interop.cluster();
      const { topic, sent } = await fill(cluster);
      const at = { ...cluster.at, topic, group: 'puller' };
      const ledger = await cluster.driver.call<LedgerFacts>('pull', at);
      assert.is(ledger.received, 400);
      assert.is(ledger.deliveryBreaks + ledger.storeBreaks + ledger.contentBreaks, 0);
      assert.is(ledger.sum, sent.sum);
    },
    LIMIT_MS,
  );

  test(
    'a pull with a tag expression skips the rest and still reaches the end',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster, { tags: ['a', 'b', 'c', 'd', 'e'] });
      const at = { ...cluster.at, topic, group: 'puller', expression: 'b || e' };
      const ledger = await cluster.driver.call<LedgerFacts>('pull', at);
      assert.equal(ledger.perTag, { b: 80, e: 80 });
    },
    LIMIT_MS,
  );

  test(
    'a pull at the end of a queue is answered as soon as a message arrives',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster);
      const waiting = cluster.driver.call<{ status: string; waitedMs: number; messages: number }>(
        'pullWait',
        { ...cluster.at, topic, group: 'waiter', queueId: 0 },
      );
      // Sent again and again until the pull, which starts at an unknown moment, has seen one.
      let isAnswered = false;
      void waiting.then(
        () => {
          isAnswered = true;
        },
        () => {
          isAnswered = true;
        },
      );
      const more = { mode: 'sync', route: 'queue', lanes: 1, count: 1, bodyBytes: 50 };
      for (let round = 0; !isAnswered && round < 200; round++) {
        const facts = { ...cluster.at, ...more, topic, run: `${topic}-wake`, first: round };
        await cluster.driver.call('produce', facts);
      }
      const answer = await waiting;
      assert.is(answer.status, 'FOUND');
      assert.ok(answer.messages >= 1);
      assert.ok(answer.waitedMs < 15_000, `waited ${answer.waitedMs} ms`);
    },
    LIMIT_MS,
  );

  test(
    'offsets are committed, corrected beyond the end (to 0, as 4.9.2 does) and found by time',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster);
      const at = { ...cluster.at, topic, group: interop.unique('offsets-group'), queueId: 2 };
      const facts = await cluster.driver.call<OffsetFacts>('pullOffsets', { ...at, commit: 37 });
      assert.is(facts.min, 0);
      assert.is(facts.max, 100);
      assert.is(facts.committedAfter, 37);
      assert.is(facts.beyond, 'OFFSET_ILLEGAL 0');
      assert.is(facts.atEnd, 'NO_NEW_MSG 100');
      assert.is(facts.unmatched, 'NO_MATCHED_MSG 100');
      assert.is(facts.atZeroTime, 0);
      assert.is(facts.atEndOfTime, 99);
    },
    LIMIT_MS,
  );

  test(
    'a lite pull consumer polls everything and its commit is kept by the broker',
    async () => {
      const cluster = await interop.cluster();
      const { topic, sent } = await fill(cluster);
      const group = interop.unique('lite-group');
      const at = { ...cluster.at, topic, group, timeoutMs: 30_000 };
      const first = await cluster.driver.call<LedgerFacts>('litePull', { ...at, distinct: 400 });
      assert.is(first.distinct, 400);
      assert.is(first.contentBreaks + first.storeBreaks, 0);
      assert.is(first.sum, sent.sum);
      const more = { mode: 'sync', route: 'queue', lanes: QUEUES, count: 10, bodyBytes: 100 };
      await cluster.driver.call('produce', {
        ...cluster.at,
        ...more,
        topic,
        run: topic,
        first: 100,
      });
      const next = await cluster.driver.call<LedgerFacts>('litePull', { ...at, distinct: 40 });
      assert.is(next.received, 40);
    },
    LIMIT_MS,
  );

  test(
    'a lite pull consumer that assigns its queues reads from where it seeks',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster);
      const ledger = await cluster.driver.call<LedgerFacts>('liteAssign', {
        ...cluster.at,
        topic,
        group: interop.unique('assign-group'),
        seek: 75,
        distinct: 100,
        timeoutMs: 30_000,
      });
      assert.is(ledger.received, 100);
      assert.equal(Object.values(ledger.perQueue), [25, 25, 25, 25]);
      assert.is(ledger.contentBreaks, 0);
    },
    LIMIT_MS,
  );
});
