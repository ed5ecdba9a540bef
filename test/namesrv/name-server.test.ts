import { equal, is, ok } from 'uvu/assert';
import { BROKER_EXPIRE_MS } from '../../src/namesrv/route-table.ts';
import { suite } from '../support/suite.ts';
import { recordingLogger } from '../transport/recording-logger.ts';
import { memoryDisk } from './memory-disk.ts';
import { brokerFields, createFixture, registerBody, slaveFields } from './name-server-fixture.ts';

const test = suite('name-server');

test('every other code is refused with its number', () => {
  const { ask } = createFixture();
  for (const code of [0, 10, 34, 217, 310, 901, 904, 9999]) {
    const answer = ask(code);
    is(answer.code, 3);
    is(answer.remark, ` request type ${code} not supported`);
  }
});

test('a broker is removed 120 s after its last registration and its connection is named', () => {
  const fixture = createFixture();
  const [master, slave] = [{}, {}];
  fixture.ask(103, { fields: brokerFields(), body: registerBody(), channel: master });
  fixture.clock.advance(60_000);
  fixture.ask(103, { fields: slaveFields(), body: registerBody(), channel: slave });
  fixture.clock.advance(BROKER_EXPIRE_MS - 60_000);
  equal(fixture.nameServer.scan(), []);
  fixture.clock.advance(1);
  const [expired] = fixture.nameServer.scan();
  is(expired, master);
  equal([...fixture.nameServer.table.live.keys()], ['10.0.0.2:10911']);
  fixture.clock.advance(60_000);
  is(fixture.nameServer.scan()[0], slave);
  is(fixture.ask(105, { fields: { topic: 'TopicTest' } }).code, 17);
});

test('a closed connection removes its broker at once, another connection changes nothing', () => {
  const fixture = createFixture();
  const channel = {};
  fixture.ask(103, { fields: brokerFields(), body: registerBody(), channel });
  fixture.nameServer.onClose({});
  is(fixture.ask(105, { fields: { topic: 'TopicTest' } }).code, 0);
  fixture.nameServer.onClose(channel);
  is(fixture.ask(105, { fields: { topic: 'TopicTest' } }).code, 17);
});

test('a broker that reconnected survives the end of its old connection', () => {
  const fixture = createFixture();
  const [old, young] = [{}, {}];
  fixture.ask(103, { fields: brokerFields(), body: registerBody(), channel: old });
  fixture.ask(103, { fields: brokerFields(), body: registerBody(), channel: young });
  fixture.nameServer.onClose(old);
  is(fixture.ask(105, { fields: { topic: 'TopicTest' } }).code, 0);
});

test('what goes wrong in a request is answered and logged, a flood of it in a few lines', () => {
  const { logger, lines } = recordingLogger();
  const { ask } = createFixture({}, memoryDisk(), logger);
  for (let index = 0; index < 100; index++) {
    const answer = ask(105);
    is(answer.code, 1);
    ok(answer.remark?.includes('topic'), answer.remark);
  }
  ok(lines.length > 0 && lines.length <= 5, `${lines.length} lines`);
});

test('the counts are those of the tables', () => {
  const fixture = createFixture();
  fixture.ask(103, { fields: brokerFields(), body: registerBody() });
  fixture.ask(103, { fields: slaveFields(), body: registerBody() });
  fixture.ask(100, { fields: { namespace: 'N', key: 'k', value: 'v' } });
  equal(fixture.nameServer.inspect(), {
    requests: 0,
    clusters: 1,
    brokers: 1,
    addresses: 2,
    topics: 1,
    kvEntries: 1,
  });
});
