import { equal, is, ok } from 'uvu/assert';
import { bodyCrc } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';
import {
  brokerFields,
  compressedBody,
  createFixture,
  registerBody,
  slaveFields,
  topicConfig,
} from './name-server-fixture.ts';

const test = suite('registration-handlers');

const perm = (fixture: ReturnType<typeof createFixture>, topic: string): number | undefined =>
  fixture.nameServer.table.topics.get(topic)?.get('broker-a')?.perm;

test('a slave is told its master, a master nothing, both get the ordered topics', () => {
  const fixture = createFixture();
  const alone = fixture.ask(103, { fields: slaveFields(), body: registerBody() });
  is(alone.code, 0);
  equal(alone.extFields ?? {}, {});
  is(alone.body?.length ?? 0, 0);
  fixture.ask(100, { fields: { namespace: 'ORDER_TOPIC_CONFIG', key: 'T', value: 'broker-a:4' } });
  const master = fixture.ask(103, { fields: brokerFields(), body: registerBody() });
  equal(master.extFields ?? {}, {});
  is(master.body?.toString(), '{"table":{"T":"broker-a:4"}}');
  const slave = fixture.ask(103, { fields: slaveFields(), body: registerBody() });
  equal(slave.extFields, { haServerAddr: '10.0.0.1:10912', masterAddr: '10.0.0.1:10911' });
});

test('the checksum covers the body as sent; zero is not checked', () => {
  for (const body of [
    Buffer.from(registerBody()),
    compressedBody(['TopicTest 8 8 6 SINGLE_TAG']),
  ]) {
    const fixture = createFixture();
    const compressed = String(body[0] === 0x78);
    const good = { compressed, bodyCrc32: String(bodyCrc(body)) };
    const bad = { compressed, bodyCrc32: String(bodyCrc(body) ^ 1) };
    const refused = fixture.ask(103, { fields: brokerFields(bad), body });
    is(refused.code, 1);
    is(refused.remark, 'crc32 not match');
    is(fixture.nameServer.table.live.size, 0);
    is(fixture.ask(103, { fields: brokerFields(good), body }).code, 0);
    is(perm(fixture, 'TopicTest'), 6);
  }
});

test('a compressed table of RocketMQ 4 and of RocketMQ 5 is read', () => {
  const fixture = createFixture();
  const body = compressedBody(
    ['Four 8 4 6 SINGLE_TAG', 'Five 2 2 4 SINGLE_TAG {"+a":"b"}'],
    { counter: 1, timestamp: 2 },
    ['10.0.0.1:40000'],
  );
  const answer = fixture.ask(103, { fields: brokerFields({ compressed: 'true' }), body });
  is(answer.code, 0);
  equal(fixture.nameServer.table.topics.get('Four')?.get('broker-a'), {
    brokerName: 'broker-a',
    perm: 6,
    readQueueNums: 8,
    topicSysFlag: 0,
    writeQueueNums: 4,
  });
  is(perm(fixture, 'Five'), 4);
  ok(fixture.nameServer.table.route('Four')?.filterServers.has('10.0.0.1:10911'));
});

test('a broker without topics registers with an empty table', () => {
  const fixture = createFixture();
  is(fixture.ask(103, { fields: brokerFields() }).code, 0);
  equal(fixture.nameServer.table.versionOf('10.0.0.1:10911'), { counter: 0, timestamp: 0 });
});

test('a broker older than filter servers sends a bare table', () => {
  const fixture = createFixture();
  const body = JSON.stringify({
    dataVersion: { counter: 1, timestamp: 1 },
    topicConfigTable: { Old: topicConfig('Old') },
  });
  is(fixture.ask(103, { fields: brokerFields(), body, version: 36 }).code, 0);
  is(perm(fixture, 'Old'), 6);
});

test('the pre-check says whether topics have to be sent, and counts as a sign of life', () => {
  const fixture = createFixture();
  const version = '{"counter":3,"timestamp":1637000000000}';
  const first = fixture.ask(322, { fields: brokerFields(), body: version });
  equal(first.extFields, { changed: 'true' });
  is(first.body?.length ?? 0, 0);
  fixture.ask(103, { fields: brokerFields(), body: registerBody() });
  fixture.clock.advance(100_000);
  const same = fixture.ask(322, { fields: brokerFields(), body: version });
  equal(same.extFields, { changed: 'false' });
  is(same.body?.toString(), version);
  fixture.clock.advance(100_000);
  equal(fixture.nameServer.scan(), []);
  const other = fixture.ask(322, {
    fields: brokerFields(),
    body: '{"counter":4,"timestamp":1637000000000}',
  });
  equal(other.extFields, { changed: 'true' });
  is(other.body?.toString(), version);
  fixture.clock.advance(30_000);
  is(fixture.nameServer.scan().length, 1, 'a changed table is no sign of life until it is sent');
});

test('names and addresses that cannot be are refused before anything changes', () => {
  const bad: Readonly<Record<string, string>>[] = [
    { brokerName: '' },
    { brokerName: '  ' },
    { brokerName: 'a'.repeat(256) },
    { brokerName: 'a\u0001b' },
    { clusterName: '' },
    { clusterName: 'line\nbreak' },
    { brokerAddr: '' },
    { brokerAddr: 'no-port' },
    { brokerAddr: ':10911' },
    { brokerAddr: 'host:99999' },
    { brokerId: '-1' },
    { brokerId: 'x' },
  ];
  for (const over of bad) {
    const fixture = createFixture();
    const answer = fixture.ask(103, { fields: brokerFields(over), body: registerBody() });
    is(answer.code, 1, JSON.stringify(over));
    ok(answer.remark);
    is(fixture.nameServer.table.live.size, 0);
    is(fixture.nameServer.table.topics.size, 0);
  }
  const fixture = createFixture();
  const body = registerBody([topicConfig('good'), topicConfig('bad\u0002')]);
  is(fixture.ask(103, { fields: brokerFields(), body }).code, 1);
  is(fixture.nameServer.table.topics.size, 0);
});

test('a body that is none is refused and changes nothing', () => {
  for (const [body, compressed] of [
    ['{', 'false'],
    ['[]', 'false'],
    ['null', 'false'],
    ['{"topicConfigSerializeWrapper":7}', 'false'],
    ['not zlib', 'true'],
    [compressedBody(['TooFew 1']), 'true'],
    [compressedBody(['T 1 2 3 SINGLE_TAG']).subarray(0, 20), 'true'],
  ] as const) {
    const fixture = createFixture();
    const answer = fixture.ask(103, {
      fields: brokerFields({ compressed }),
      body: Buffer.from(body),
    });
    is(answer.code, 1, String(body));
    is(fixture.nameServer.table.live.size, 0);
  }
});

test('a topic named like a built-in property is a topic like any other', () => {
  const fixture = createFixture();
  const body = registerBody().replaceAll('TopicTest', '__proto__');
  is(fixture.ask(103, { fields: brokerFields(), body }).code, 0);
  is(perm(fixture, '__proto__'), 6);
});

test('unregistering needs no registration', () => {
  const fixture = createFixture();
  is(fixture.ask(104, { fields: brokerFields() }).code, 0);
  fixture.ask(103, { fields: brokerFields(), body: registerBody() });
  is(fixture.ask(104, { fields: brokerFields() }).code, 0);
  is(fixture.nameServer.table.live.size, 0);
});
