// A store is handed from our broker to a Java 4.9.2 broker and back, and the other way round: every message, topic and
// consumer offset has to be there each time, after a clean stop and after kill -9.
import * as assert from 'uvu/assert';
import { eventually } from '../support/eventually.ts';
import { interopSuite } from '../support/interop.ts';
import type { JavaDriver, LedgerFacts, ProduceFacts } from '../support/java-driver.ts';
import type { ServerKind } from '../support/servers.ts';

const LANES = 4;
const COUNT = 500;
const LIMIT_MS = 240_000;
const ROUTE_LIMIT_MS = 40_000;

interface MessageFacts {
  readonly keys: string;
  readonly isWhole: boolean;
}

interopSuite('interop: store exchange', (test, interop) => {
  const produce = (
    driver: JavaDriver,
    at: object,
    topic: string,
    facts: object,
  ): Promise<ProduceFacts> => {
    const usual = { route: 'queue', lanes: LANES, count: COUNT, bodyBytes: 300, batch: 25 };
    return driver.call<ProduceFacts>('produce', { ...at, topic, ...usual, ...facts });
  };
  const pullAll = (driver: JavaDriver, at: object, topic: string, facts: object = {}) =>
    driver.call<LedgerFacts>('pull', { ...at, topic, group: 'exchange-reader', ...facts });
  /** A consumer group reads what is new to it, commits and leaves; returns how much was new. */
  const consumeNew = async (
    driver: JavaDriver,
    at: object,
    topic: string,
    distinct: number,
  ): Promise<number> => {
    const lite = { ...at, topic, group: 'exchange-group', distinct, timeoutMs: 30_000 };
    return (await driver.call<LedgerFacts>('litePull', lite)).received;
  };
  const addSums = (sums: readonly string[]): string =>
    BigInt.asUintN(
      64,
      sums.reduce((total, sum) => total + BigInt(`0x${sum}`), 0n),
    ).toString(16);

  const exchange = async (
    first: ServerKind,
    second: ServerKind,
    end: 'stop' | 'kill9',
  ): Promise<void> => {
    const driver = await interop.driver();
    const names = await interop.nameServer(interop.target);
    const broker = await interop.broker(first, { namesrvAddr: names.address });
    const at = { namesrv: names.address, broker: broker.address };
    const topic = interop.unique('exchange');
    await driver.call('topicCreate', { ...at, topic, queues: LANES });
    const sums: string[] = [];
    let sample = '';
    let total = 0;
    for (const [round, kind] of [first, second, first].entries()) {
      if (round > 0) {
        await broker[end]();
        await broker.restart(kind);
        await eventually(
          () => driver.call('route', { ...at, topic }).then(Boolean, () => false),
          Boolean,
          ROUTE_LIMIT_MS,
        );
        const facts = await driver.call<MessageFacts>('message', { ...at, msgId: sample });
        assert.ok(facts.isWhole, `message ${sample} after hand-over ${round}`);
        const served = await pullAll(driver, at, topic);
        assert.is(served.distinct, total, `messages served by ${kind}`);
        assert.is(served.duplicates + served.contentBreaks + served.storeBreaks, 0);
        assert.is(served.deliveryBreaks + served.mixedLanes, 0);
        assert.is(served.sum, addSums(sums));
        const blue = await pullAll(driver, at, topic, { expression: 'blue' });
        assert.is(blue.distinct, (round * LANES * COUNT) / 2, `blue messages served by ${kind}`);
      }
      const single = { mode: 'sync', run: `single${round}`, tags: ['red', 'blue'] };
      const lots = [
        await produce(driver, at, topic, single),
        await produce(driver, at, topic, { mode: 'batch', run: `batched${round}` }),
      ];
      for (const { errors, statuses, acknowledged, sum } of lots) {
        assert.equal(errors, []);
        assert.equal(statuses, { SEND_OK: LANES * COUNT });
        sums.push(sum);
        total += acknowledged;
      }
      sample = lots[0]?.offsetMsgId ?? '';
      const fresh = await consumeNew(driver, at, topic, 2 * LANES * COUNT);
      // Offsets reach the disk every 5 s: a killed broker may have forgotten the last commit, never more.
      if (end === 'stop') assert.is(fresh, 2 * LANES * COUNT, `new messages in round ${round}`);
      else assert.ok(fresh >= 2 * LANES * COUNT, `new messages in round ${round}`);
    }
    const stats = await driver.call<{ min: number; max: number }[]>('topicStats', { ...at, topic });
    assert.equal(
      stats.map(({ min, max }) => [min, max]),
      Array.from({ length: LANES }, () => [0, total / LANES]),
    );
    await broker.stop();
    await names.child.stop();
  };

  const other: ServerKind = 'java';
  test(
    `a store of ${interop.target} goes to ${other} and back after clean stops`,
    () => exchange(interop.target, other, 'stop'),
    LIMIT_MS,
  );
  test(
    `a store of ${other} goes to ${interop.target} and back after kill -9`,
    () => exchange(other, interop.target, 'kill9'),
    LIMIT_MS,
  );
});
