// One hundred thousand messages, counted exactly: content hashes, and order in each queue and at each listener.
import * as assert from 'uvu/assert';
import { interopSuite } from '../support/interop.ts';
import type { LedgerFacts, ProduceFacts } from '../support/java-driver.ts';

const LANES = 4;
/** Each lane sends the first lot one by one and the second in batches, at the same time, to the same queues. */
const SINGLE_PER_LANE = 5_000;
const BATCHED_PER_LANE = 20_000;
const PER_QUEUE = SINGLE_PER_LANE + BATCHED_PER_LANE;
const TOTAL = LANES * PER_QUEUE;
const LIMIT_MS = 240_000;

/** Adds two of the driver's sums, which wrap at 64 bits. */
const addSums = (one: string, other: string): string =>
  BigInt.asUintN(64, BigInt(`0x${one}`) + BigInt(`0x${other}`)).toString(16);

interopSuite('interop: count', (test, interop) => {
  test(
    '100,000 messages arrive exactly once, whole and in order, in both kinds of listener and by pull',
    async () => {
      const { driver, at } = await interop.cluster();
      const topic = interop.unique('count');
      const common = { ...at, topic };
      await driver.call('topicCreate', { ...common, queues: LANES });
      await driver.call('consumerOpen', { ...common, handle: 'free', group: 'count-free' });
      const orderly = { ...common, handle: 'ordered', group: 'count-ordered', orderly: true };
      await driver.call('consumerOpen', orderly);
      const produce = (facts: object): Promise<ProduceFacts> => {
        const usual = { ...common, route: 'queue', lanes: LANES, bodyBytes: 128, batch: 20 };
        return driver.call<ProduceFacts>('produce', { ...usual, ...facts }, LIMIT_MS);
      };
      const lots = await Promise.all([
        produce({ mode: 'sync', run: 'single', count: SINGLE_PER_LANE }),
        produce({ mode: 'batch', run: 'batched', count: BATCHED_PER_LANE }),
      ]);
      for (const lot of lots) {
        assert.equal(lot.errors, []);
        assert.equal(lot.statuses, { SEND_OK: lot.acknowledged });
      }
      assert.is(lots[0].acknowledged + lots[1].acknowledged, TOTAL);
      const sum = addSums(lots[0].sum, lots[1].sum);

      const wait = { distinct: TOTAL, timeoutMs: 90_000, settleMs: 500 };
      const free = await driver.call<LedgerFacts>('awaitLedger', { handles: ['free'], ...wait });
      const ordered = await driver.call<LedgerFacts>('awaitLedger', {
        handles: ['ordered'],
        ...wait,
      });
      const pulled = await driver.call<LedgerFacts>('pull', { ...common, group: 'count-pull' });
      for (const book of [free, ordered, pulled]) {
        assert.is(book.received, TOTAL);
        assert.is(book.distinct, TOTAL);
        assert.is(book.duplicates, 0);
        assert.is(book.contentBreaks, 0);
        assert.is(book.storeBreaks, 0);
        assert.is(book.mixedLanes, 0);
        assert.equal(Object.values(book.perQueue), [PER_QUEUE, PER_QUEUE, PER_QUEUE, PER_QUEUE]);
        assert.is(book.sum, sum);
      }
      assert.is(ordered.deliveryBreaks, 0);
      assert.is(pulled.deliveryBreaks, 0);
      await driver.call('consumerClose', { handle: 'free' });
      await driver.call('consumerClose', { handle: 'ordered' });
    },
    LIMIT_MS,
  );
});
