// Our servers and Java's in one cluster: each broker with the other's name server, one broker with two name servers,
// two brokers of both kinds behind one.
import * as assert from 'uvu/assert';
import { eventually } from '../support/eventually.ts';
import { interopSuite } from '../support/interop.ts';
import type { JavaDriver, LedgerFacts, ProduceFacts } from '../support/java-driver.ts';
import type { ServerKind } from '../support/servers.ts';

const QUEUES = 4;
const LIMIT_MS = 150_000;
const ROUTE_LIMIT_MS = 40_000;

interface RouteFacts {
  readonly brokers: readonly { readonly name: string; readonly master: string }[];
  readonly queues: readonly { readonly broker: string }[];
}

interopSuite('interop: mixed clusters', (test, interop) => {
  const produce = (driver: JavaDriver, namesrv: string, topic: string): Promise<ProduceFacts> => {
    const usual = { mode: 'sync', route: 'any', lanes: 2, count: 200, bodyBytes: 150 };
    return driver.call<ProduceFacts>('produce', { namesrv, topic, run: topic, ...usual });
  };
  const consume = async (
    driver: JavaDriver,
    namesrv: string,
    topic: string,
    distinct: number,
  ): Promise<LedgerFacts> => {
    const handle = interop.unique('member');
    const group = interop.unique('mixed-group');
    await driver.call('consumerOpen', { namesrv, topic, group, handle });
    const wait = { handles: [handle], distinct, timeoutMs: 40_000, settleMs: 300 };
    const ledger = await driver.call<LedgerFacts>('awaitLedger', wait);
    await driver.call('consumerClose', { handle });
    return ledger;
  };
  const assertWhole = (ledger: LedgerFacts, sent: ProduceFacts): void => {
    assert.equal(sent.errors, []);
    assert.equal(sent.statuses, { SEND_OK: sent.acknowledged });
    assert.is(ledger.received, sent.acknowledged);
    assert.is(ledger.duplicates + ledger.contentBreaks, 0);
    assert.is(ledger.sum, sent.sum);
  };
  const brokersOf = async (
    driver: JavaDriver,
    namesrv: string,
    topic: string,
    count: number,
  ): Promise<readonly string[]> => {
    const route = await eventually(
      () => driver.call<RouteFacts>('route', { namesrv, topic }),
      ({ brokers }) => brokers.length === count,
      ROUTE_LIMIT_MS,
    );
    return route.brokers.map(({ name, master }) => `${name} ${master}`).sort();
  };

  const pairs: readonly (readonly [ServerKind, ServerKind])[] =
    interop.target === 'java'
      ? [['java', 'java']]
      : [
          ['java', 'saturnmq'],
          ['saturnmq', 'java'],
        ];
  for (const [nameServerKind, brokerKind] of pairs) {
    test(
      `a ${brokerKind} broker serves clients through a ${nameServerKind} name server`,
      async () => {
        const { driver, at, broker } = await interop.cluster(nameServerKind, brokerKind);
        const topic = interop.unique('mixed');
        await driver.call('topicCreate', { ...at, topic, queues: QUEUES });
        const brokers = await brokersOf(driver, at.namesrv, topic, 1);
        assert.equal(brokers, [`broker-a ${broker.address}`]);
        const sent = await produce(driver, at.namesrv, topic);
        assertWhole(await consume(driver, at.namesrv, topic, sent.acknowledged), sent);
        const created = interop.unique('mixed-created');
        const first = await produce(driver, at.namesrv, created);
        assertWhole(await consume(driver, at.namesrv, created, first.acknowledged), first);
        const topics = await driver.call<string[]>('topics', at);
        assert.ok(topics.includes(topic) && topics.includes(created));
      },
      LIMIT_MS,
    );
  }

  test(
    'a broker registers with a Java name server and ours at once, and clients of both find it',
    async () => {
      const driver = await interop.driver();
      const names = [await interop.nameServer('java'), await interop.nameServer(interop.target)];
      const addresses = names.map(({ address }) => address);
      const broker = await interop.broker(interop.target, { namesrvAddr: addresses.join(';') });
      const topic = interop.unique('mixed-both');
      const at = { namesrv: addresses[0], broker: broker.address };
      await driver.call('topicCreate', { ...at, topic, queues: QUEUES });
      for (const namesrv of addresses) {
        const found = await brokersOf(driver, namesrv, topic, 1);
        assert.equal(found, [`broker-a ${broker.address}`]);
        const own = `${topic}-${addresses.indexOf(namesrv)}`;
        const sent = await produce(driver, namesrv, own);
        assertWhole(await consume(driver, namesrv, own, sent.acknowledged), sent);
      }
      await broker.stop();
      for (const { child } of names) await child.stop();
    },
    LIMIT_MS,
  );

  test(
    'a topic on a Java broker and on ours is one topic to its clients, and a broker that stops leaves the route',
    async () => {
      const driver = await interop.driver();
      const names = await interop.nameServer(interop.target);
      const namesrv = names.address;
      const java = await interop.broker('java', { namesrvAddr: namesrv, brokerName: 'broker-j' });
      const ours = await interop.broker(interop.target, {
        namesrvAddr: namesrv,
        brokerName: 'broker-s',
      });
      const topic = interop.unique('mixed-two');
      for (const broker of [java.address, ours.address])
        await driver.call('topicCreate', { namesrv, broker, topic, queues: 2 });
      const found = await brokersOf(driver, namesrv, topic, 2);
      assert.equal(found, [`broker-j ${java.address}`, `broker-s ${ours.address}`]);
      const sent = await produce(driver, namesrv, topic);
      assert.equal(Object.keys(sent.perQueue), [
        'broker-j:0',
        'broker-j:1',
        'broker-s:0',
        'broker-s:1',
      ]);
      assertWhole(await consume(driver, namesrv, topic, sent.acknowledged), sent);
      await java.stop();
      const left = await brokersOf(driver, namesrv, topic, 1);
      assert.equal(left, [`broker-s ${ours.address}`]);
      await ours.stop();
      await names.child.stop();
    },
    LIMIT_MS,
  );
});
