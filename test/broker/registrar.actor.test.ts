import * as assert from 'uvu/assert';
import type { Socket, SocketHandler } from '../../src/base/index.ts';
import type { BrokerSettings } from '../../src/broker/index.ts';
import {
  decodeTopicConfigTable,
  decodeTopicRouteData,
  encodeCommand,
  GetAllTopicConfig,
  GetRouteInfoByTopic,
  PutKvConfig,
  requestOf,
} from '../../src/protocol/index.ts';
import { parseAddress } from '../../src/transport/index.ts';
import { NAME_SERVER, startNameServer } from '../sim/name-server.ts';
import type { SimClient } from '../sim/sim-client.ts';
import { BROKER, SimWorld } from '../sim/world.ts';
import { suite } from '../support/suite.ts';
import { createTopic, factsOf, SEED, sendOf, T, topicHeader } from './broker-fixture.ts';

const test = suite('registrar actor');
const SECOND = '10.0.0.9:9876';

/** A broker that knows name servers of which none runs yet. */
const boot = (settings: Partial<BrokerSettings> = {}, namesrvAddr = [NAME_SERVER]) => {
  const world = new SimWorld(SEED, settings);
  world.namesrvAddr = namesrvAddr;
  world.boot();
  return world;
};

const routeOf = (nameServer: SimClient, topic: string) => {
  const answer = nameServer.callAs(GetRouteInfoByTopic, { topic });
  return answer.code === 0 ? decodeTopicRouteData(answer.body) : undefined;
};

test('a broker that started before its name server is registered seconds after that starts', () => {
  const world = boot();
  world.run(20_000);
  assert.equal(factsOf(world, 'registrar')['failing'], [NAME_SERVER]);
  const nameServer = startNameServer(world);
  world.run(7_000);
  assert.equal(factsOf(world, 'registrar')['failing'], []);
  const route = routeOf(nameServer, 'TBW102');
  assert.equal(route?.brokerDatas, [
    { brokerAddrs: new Map([[0, BROKER]]), brokerName: 'broker-a', cluster: 'DefaultCluster' },
  ]);
  assert.equal(
    route?.queueDatas.map(({ readQueueNums, perm }) => [readQueueNums, perm]),
    [[8, 7]],
  );
});

test('a registration that was lost is made again within the period', () => {
  const world = boot();
  const nameServer = startNameServer(world);
  world.run(7_000);
  assert.ok(routeOf(nameServer, 'TBW102'));
  world.network.cut(BROKER.split(':')[0]);
  world.run(200);
  assert.is(routeOf(nameServer, 'TBW102'), undefined);
  world.run(31_000);
  assert.ok(routeOf(nameServer, 'TBW102'));
});

test('a topic made by its first message is known to every name server at once', () => {
  const world = boot({}, [NAME_SERVER, SECOND]);
  const both = [startNameServer(world), startNameServer(world, SECOND)];
  world.run(7_000);
  world.connect().call(sendOf());
  world.run(50);
  for (const nameServer of both) assert.is(routeOf(nameServer, T)?.queueDatas.length, 1);
});

test('a topic made by its first message is announced before that message is answered', () => {
  const world = boot();
  world.crash('all');
  world.latencyMsMax = 0;
  world.boot();
  const heard: string[] = [];
  const hear = (what: string): SocketHandler => ({
    onData: () => void heard.push(what),
    onDrain: () => undefined,
    onClose: () => undefined,
  });
  const onSocket = (socket: Socket): void => socket.start(hear('announced'));
  world.network.listen(parseAddress(NAME_SERVER), onSocket, () => undefined);
  world.run(7_000);
  const to = { ...parseAddress(BROKER), timeoutMs: 1000 };
  world.network.from('10.0.0.20').connect(to, (_error, socket) => {
    socket?.start(hear('answered'));
    heard.length = 0;
    socket?.write(encodeCommand(sendOf(), 0));
  });
  world.run(10);
  assert.equal([...new Set(heard)], ['announced', 'answered']);
});

test('a created topic is answered when the name server that lives knows it', () => {
  const world = boot({}, [NAME_SERVER, SECOND]);
  const nameServer = startNameServer(world);
  world.run(7_000);
  const client = world.connect();
  assert.is(createTopic(client, { topic: 'A', writeQueueNums: 3 }).code, 0);
  assert.is(routeOf(nameServer, 'A')?.queueDatas[0]?.writeQueueNums, 3);
  world.network.unreach(SECOND);
  assert.is(createTopic(client, { topic: 'B' }).code, 0);
  assert.ok(routeOf(nameServer, 'B'));
});

test('a topic is announced with the permission the broker has', () => {
  const world = boot({ brokerPermission: 4 });
  const nameServer = startNameServer(world);
  world.run(7_000);
  world.connect().call(sendOf());
  world.run(50);
  assert.is(routeOf(nameServer, T)?.queueDatas[0]?.perm, 4);
});

const putOrder = (nameServer: SimClient, key: string) =>
  nameServer.callAs(PutKvConfig, { namespace: 'ORDER_TOPIC_CONFIG', key, value: 'broker-a:4' });

test('topics the name server lists as ordered are, and a broker without WRITE refuses them', () => {
  const world = boot({ brokerPermission: 4 });
  const nameServer = startNameServer(world);
  const client = world.connect();
  client.call(sendOf());
  client.call(sendOf({ topic: 'Other' }));
  putOrder(nameServer, T);
  world.run(31_000);
  const { topicConfigTable } = decodeTopicConfigTable(
    client.call(requestOf(GetAllTopicConfig.code)).body,
  );
  assert.equal(
    [topicConfigTable.get(T)?.order, topicConfigTable.get('Other')?.order],
    [true, false],
  );
  const refused = client.call(sendOf());
  assert.equal(
    [refused.code, refused.remark],
    [16, 'the broker[10.0.0.1] sending message is forbidden'],
  );
  assert.is(client.call(sendOf({ topic: 'Other' })).code, 0);
  world.network.silence(NAME_SERVER); // Nobody repeats the list.
  assert.is(createTopic(client, topicHeader({ topic: T, perm: 6 })).code, 0);
  assert.is(client.call(sendOf()).code, 16, 'a change of the topic keeps its order flag');
});

test('an ordered topic of a writable broker takes messages', () => {
  const world = boot();
  const nameServer = startNameServer(world);
  const client = world.connect();
  client.call(sendOf());
  putOrder(nameServer, T);
  world.run(31_000);
  assert.is(client.call(sendOf()).code, 0);
});

test('a broker that stops is gone from the name server', () => {
  const world = boot();
  const nameServer = startNameServer(world);
  world.run(7_000);
  assert.ok(routeOf(nameServer, 'TBW102'));
  world.stop();
  world.run(100);
  assert.is(routeOf(nameServer, 'TBW102'), undefined);
});
