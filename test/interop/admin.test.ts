// The admin client of 4.9.2 (what mqadmin uses) against the name server and the broker.
import * as assert from 'uvu/assert';
import { eventually } from '../support/eventually.ts';
import { type Cluster, interopSuite } from '../support/interop.ts';
import { DriverError, type ProduceFacts } from '../support/java-driver.ts';

const QUEUES = 4;
const LIMIT_MS = 120_000;
const REGISTER_LIMIT_MS = 15_000;
const TOPIC_NOT_EXIST = 17;

interface RouteFacts {
  readonly brokers: readonly { cluster: string; name: string; master: string }[];
  readonly queues: readonly { broker: string; read: number; write: number; perm: number }[];
  readonly order?: string;
}

interface StatsRow {
  readonly broker: string;
  readonly queueId: number;
  readonly min: number;
  readonly max: number;
  readonly updatedMs: number;
}

interface ConsumersFacts {
  readonly clients: readonly string[];
  readonly type: string;
  readonly model: string;
  readonly from: string;
  readonly subscriptions: Readonly<Record<string, string>>;
}

/** The response code a command failed with; 0 where it did not fail. */
const failureCode = async (work: Promise<unknown>): Promise<number> => {
  try {
    await work;
    return 0;
  } catch (error) {
    if (error instanceof DriverError) return error.responseCode;
    throw error;
  }
};

interopSuite('interop: admin client', (test, interop) => {
  const fill = async (cluster: Cluster): Promise<{ topic: string; sent: ProduceFacts }> => {
    const topic = interop.unique('admin');
    await cluster.driver.call('topicCreate', { ...cluster.at, topic, queues: QUEUES });
    const usual = { mode: 'sync', route: 'queue', lanes: QUEUES, count: 50, bodyBytes: 100 };
    const at = { ...cluster.at, topic, run: topic };
    return { topic, sent: await cluster.driver.call<ProduceFacts>('produce', { ...at, ...usual }) };
  };

  test(
    'cluster info names the broker and its address',
    async () => {
      const cluster = await interop.cluster();
      const masters = await cluster.driver.call('cluster', cluster.at);
      assert.equal(masters, { 'DefaultCluster/broker-a': cluster.broker.address });
    },
    LIMIT_MS,
  );

  test(
    'a created topic has a route, is listed, changes and goes',
    async () => {
      const cluster = await interop.cluster();
      const topic = interop.unique('admin-topic');
      const at = { ...cluster.at, topic };
      assert.is(await failureCode(cluster.driver.call('route', at)), TOPIC_NOT_EXIST);
      await cluster.driver.call('topicCreate', { ...at, queues: 3 });
      const route = await cluster.driver.call<RouteFacts>('route', at);
      assert.equal(route.brokers, [
        { cluster: 'DefaultCluster', master: cluster.broker.address, name: 'broker-a' },
      ]);
      assert.equal(route.queues, [{ broker: 'broker-a', perm: 6, read: 3, write: 3 }]);
      await cluster.driver.call('topicCreate', { ...at, queues: 5, perm: 4 });
      const changed = await cluster.driver.call<RouteFacts>('route', at);
      assert.equal(changed.queues, [{ broker: 'broker-a', perm: 4, read: 5, write: 5 }]);
      const listed = await cluster.driver.call<string[]>('topics', cluster.at);
      assert.ok(listed.includes(topic));
      await cluster.driver.call('topicDelete', at);
      assert.is(await failureCode(cluster.driver.call('route', at)), TOPIC_NOT_EXIST);
      const after = await cluster.driver.call<string[]>('topics', cluster.at);
      assert.not(after.includes(topic));
    },
    LIMIT_MS,
  );

  test(
    'topic stats show every queue with its ends',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster);
      const rows = await cluster.driver.call<StatsRow[]>('topicStats', { ...cluster.at, topic });
      assert.equal(
        rows.map(({ broker, queueId, min, max }) => [broker, queueId, min, max]),
        [0, 1, 2, 3].map((queueId) => ['broker-a', queueId, 0, 50]),
      );
      const now = Date.now();
      for (const { updatedMs } of rows) assert.ok(Math.abs(now - updatedMs) < 60_000);
    },
    LIMIT_MS,
  );

  test(
    'offsets are found at the ends and by time',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster);
      const at = { ...cluster.at, topic, brokerName: 'broker-a', queueId: 1 };
      const early = await cluster.driver.call<Record<string, number>>('offsets', {
        ...at,
        timeMs: Date.now() - 3_600_000,
      });
      assert.is(early['min'], 0);
      assert.is(early['max'], 50);
      assert.is(early['atTime'], 0);
      assert.ok(Math.abs(Date.now() - (early['earliestMs'] ?? 0)) < 120_000);
      const late = { ...at, timeMs: Date.now() + 3_600_000 };
      const end = await cluster.driver.call<Record<string, number>>('offsets', late);
      assert.is(end['atTime'], 49);
    },
    LIMIT_MS,
  );

  test(
    'a connected consumer is shown with its client, model and subscriptions, and gone once it left',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster);
      const group = interop.unique('admin-group');
      const handle = interop.unique('member');
      const at = { ...cluster.at, topic, group };
      const clientId = await cluster.driver.call<string>('consumerOpen', {
        ...at,
        handle,
        expression: 'x || y',
      });
      const shown = await eventually(
        () => cluster.driver.call<ConsumersFacts>('consumers', at),
        (facts) => Object.keys(facts.subscriptions).length === 2,
        REGISTER_LIMIT_MS,
      );
      assert.is(shown.clients.length, 1);
      assert.match(shown.clients[0] ?? '', `${clientId} JAVA 397`);
      assert.is(shown.type, 'CONSUME_PASSIVELY');
      assert.is(shown.model, 'CLUSTERING');
      assert.is(shown.from, 'CONSUME_FROM_FIRST_OFFSET');
      assert.equal(shown.subscriptions, { [`%RETRY%${group}`]: '*', [topic]: 'x || y' });
      await cluster.driver.call('consumerClose', { handle });
      const code = await eventually(
        () => failureCode(cluster.driver.call('consumers', at)),
        (answer) => answer !== 0,
        REGISTER_LIMIT_MS,
      );
      assert.is(code, 206);
    },
    LIMIT_MS,
  );

  test(
    'subscription groups are created, changed, listed, switched off and deleted',
    async () => {
      const cluster = await interop.cluster();
      const group = interop.unique('admin-subscription');
      const at = { ...cluster.at, group };
      const list = (): Promise<Record<string, number>> =>
        cluster.driver.call<Record<string, number>>('groups', cluster.at);
      await cluster.driver.call('groupUpdate', { ...at, retries: 7 });
      assert.is((await list())[group], 7);
      await cluster.driver.call('groupUpdate', { ...at, retries: 9, enabled: false });
      assert.is((await list())[group], 9);
      const { topic } = await fill(cluster);
      const pull = { ...cluster.at, topic, group };
      const refused = cluster.driver.call('pull', pull);
      const code = await failureCode(refused);
      assert.is(code, 16);
      await cluster.driver.call('groupDelete', at);
      assert.is((await list())[group], undefined);
    },
    LIMIT_MS,
  );

  test(
    'name server configuration is put, read by clients as the order of a topic, and deleted',
    async () => {
      const cluster = await interop.cluster();
      const { topic } = await fill(cluster);
      const entry = { ...cluster.at, space: 'ORDER_TOPIC_CONFIG', key: topic };
      await cluster.driver.call('kvPut', { ...entry, value: 'broker-a:4' });
      assert.is(await cluster.driver.call('kvGet', entry), 'broker-a:4');
      const route = await cluster.driver.call<RouteFacts>('route', { ...cluster.at, topic });
      assert.is(route.order, 'broker-a:4');
      await cluster.driver.call('kvDelete', entry);
      assert.is.not(await failureCode(cluster.driver.call('kvGet', entry)), 0);
    },
    LIMIT_MS,
  );
});
