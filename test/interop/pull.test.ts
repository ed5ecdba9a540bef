// The two pull consumers of 4.9.2: plain and lite, with filters, long polling and offsets.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Cluster, interopSuite } from '../support/interop.ts';
import type { LedgerFacts, ProduceFacts, VerifyFacts } from '../support/java-driver.ts';

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

  // Shows that the other tests of this folder can fail: the books have to see each kind of mistake.
  test(
    'a missing, a repeated, a reordered and a foreign message are found',
    async () => {
      const cluster = await interop.cluster();
      const topic = interop.unique('mistakes');
      await cluster.driver.call('topicCreate', { ...cluster.at, topic, queues: 1 });
      const at = { ...cluster.at, topic, run: 'run', group: 'puller' };
      const lot = { ...at, mode: 'sync', route: 'queue', lanes: 1, count: 10, bodyBytes: 64 };
      for (const first of [20, 0, 0]) await cluster.driver.call('produce', { ...lot, first });
      const fields = { a: 'p', b: topic, c: 'TBW102', d: 4, e: 0, f: 0, g: 0, h: 0, j: 0 };
      const send = { address: cluster.broker.address, code: 310, fields, body: 'run|0|5|forged' };
      await cluster.driver.call('invoke', send);
      await cluster.driver.call('invoke', { ...send, body: 'no book of ours' });
      const folder = interop.folder('mistakes');
      mkdirSync(folder, { recursive: true });
      const file = join(folder, 'acknowledged.txt');
      writeFileSync(file, '0 0 id 0 10\n0 15 id 0 99\n0 29 id 0 9\n');
      const found = await cluster.driver.call<VerifyFacts>('verify', { ...at, file });
      assert.is(found.acknowledged, 3);
      assert.equal(found.missingExamples, ['0 15 id 0 99']);
      assert.is(found.missing, 1);
      assert.is(found.distinct, 20);
      assert.is(found.duplicates, 11);
      assert.is(found.contentBreaks, 1);
      assert.is(found.foreign, 1);
      assert.is(found.storeBreaks, 1);
      assert.ok(found.deliveryBreaks >= 1);
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
      // 25 in each queue; a pull in flight at the seek, ten messages at most, may have delivered some of them before.
      assert.is(ledger.distinct, 100);
      assert.ok(Object.values(ledger.perQueue).every((count) => count >= 25 && count < 35));
      assert.is(ledger.contentBreaks, 0);
    },
    LIMIT_MS,
  );
});
