import * as assert from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { GetMaxOffset, requestOf } from '../../src/protocol/index.ts';
import { RemotingClient } from '../../src/transport/index.ts';
import { BROKER } from '../sim/world.ts';
import { suite } from '../support/suite.ts';
import { bootBroker, maxOffsetOf, pullOf, sendOf, T, verdict } from './broker-fixture.ts';

const test = suite('request router');

test('a code nobody handles is named', () => {
  const { client } = bootBroker();
  for (const code of [0, 9, 105, 999, 0x7fff]) {
    assert.equal(verdict(client.call(requestOf(code))), [3, ` request type ${code} not supported`]);
  }
});

test('a missing or senseless header field is answered with its name', () => {
  const { client } = bootBroker();
  const ask = (extFields: Readonly<Record<string, string>>) => {
    const { code, remark } = client.call(requestOf(GetMaxOffset.code, { extFields }));
    return `${code} ${remark}`;
  };
  assert.match(ask({ topic: T }), /^1 .*<?queueId/);
  assert.match(ask({ queueId: '0' }), /^1 .*the custom field <topic> is null/);
  assert.match(ask({ topic: T, queueId: 'many' }), /^1 .*queueId/);
});

test('requests of one connection are answered in the order they came', () => {
  const { world, client } = bootBroker();
  client.call(sendOf());
  const order: number[] = [];
  const asked = [sendOf(), pullOf(), requestOf(999), sendOf({ queueId: 9 }), sendOf()].map(
    (command) => client.ask(command),
  );
  for (let ms = 0; ms < 200 && order.length < asked.length; ms++) {
    world.run(1);
    for (const [index, { settled }] of asked.entries()) {
      if (settled > 0 && !order.includes(index)) order.push(index);
    }
  }
  assert.equal(order, [0, 1, 2, 3, 4]);
  assert.equal(
    asked.map(({ response }) => response?.code),
    [0, 0, 3, 1, 0],
  );
});

test('both header encodings are served', () => {
  const { world, client } = bootBroker();
  const binary = new RemotingClient({
    network: world.network.from('10.0.0.50'),
    scheduler: world.scheduler,
    clock: world.clock,
    logger: silentLogger,
    headerType: 1,
  });
  const codes: (number | undefined)[] = [];
  for (const command of [sendOf({}, 'binary'), pullOf(), requestOf(999), sendOf({ queueId: 9 })]) {
    binary.request(BROKER, command, 5_000, (_error, response) => codes.push(response?.code));
  }
  world.run(500);
  assert.equal(codes, [0, 0, 3, 1]);
  assert.is(maxOffsetOf(client), 1);
});

test('what is no command ends its connection, and no other', () => {
  const { world, client } = bootBroker();
  const ends: string[] = [];
  const garbage = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(64, 0xff),
    Buffer.from([0, 0, 0, 8, 0, 0, 0, 4, 1, 2, 3, 4]),
    Buffer.alloc(64),
  ];
  for (const bytes of garbage) {
    world.network
      .from('10.0.0.66')
      .connect({ host: '10.0.0.1', port: 10911, timeoutMs: 1_000 }, (_error, socket) => {
        socket?.start({
          onData: () => undefined,
          onDrain: () => undefined,
          onClose: () => ends.push('closed'),
        });
        socket?.write(bytes);
      });
  }
  world.run(1_000);
  assert.is(ends.length, garbage.length);
  assert.is(client.call(sendOf()).code, 0);
  assert.equal(world.failures, []);
});
