import fc from 'fast-check';
import { equal, is } from 'uvu/assert';
import { encodeCommand } from '../../../src/protocol/index.ts';
import { RECORD_CLOSE, RECORD_RESET } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';
import { command, EchoHandler } from '../world.ts';
import { RingWorld } from './fixture.ts';
import { RawClient } from './raw-side.ts';

const test = suite('the server’s side of a pair');

const create = () => {
  const handler = new EchoHandler();
  const world = new RingWorld(handler);
  const client = new RawClient(world.pair, world.bell(world.pair.serverDoorbell));
  world.serve();
  world.run();
  return { handler, world, client };
};

const frame = encodeCommand(command(105, { opaque: 5 }));

test('it says RESET first, and answers what is opened for it', () => {
  const { client, world, handler } = create();
  client.open(7);
  client.data(7, frame);
  world.run();
  client.read();
  equal(
    client.records.map(({ type, id }) => [type, id]),
    [
      [RECORD_RESET, 1],
      [2, 7],
    ],
  );
  is(handler.opened[0]?.remoteAddress, '10.0.0.1:7');
});

test('T5: what was opened for another server, or by another client, does not exist', () => {
  const { client, world, handler } = create();
  client.open(1, 3);
  client.open(2, 1, client.epoch + 2);
  client.open(3, 1, client.epoch - 2);
  for (const id of [1, 2, 3]) client.data(id, frame);
  world.run();
  is(handler.opened.length, 0);
  equal(handler.codes, []);
});

test('T6: a frame that makes no sense costs its connection, a record that makes none costs nothing', () => {
  const { client, world, handler } = create();
  client.open(1);
  client.open(2);
  client.data(1, Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]));
  client.data(1, frame);
  client.put(99, Buffer.alloc(3));
  client.put(2, Buffer.alloc(1));
  client.put(3, Buffer.alloc(0));
  client.put(1, Buffer.alloc(10));
  client.open(2);
  client.data(2, frame);
  world.run();
  equal(handler.codes, [105]);
  equal(
    handler.closed.map(({ remotePort }) => remotePort),
    [1],
  );
  client.read();
  is(client.records.filter(({ type, id }) => type === RECORD_CLOSE && id === 1).length, 1);
});

test('T6: whatever another connection sends, this one is answered', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.uint8Array({ maxLength: 40 })), {
        maxLength: 20,
      }),
      (records) => {
        const { client, world, handler } = create();
        client.open(77);
        for (const [type, bytes] of records) client.put(type, Buffer.from(bytes));
        client.data(77, frame);
        world.run();
        is(handler.codes.filter((code) => code === 105).length, 1);
      },
    ),
  );
});

test('T4: a close is told once, and nothing comes after it', () => {
  const { client, world, handler } = create();
  client.open(1);
  client.close(1);
  client.data(1, frame);
  client.close(1);
  world.run();
  is(handler.closed.length, 1);
  equal(handler.codes, []);
});

test('another client in the same place: its predecessor’s connections end before its own begin', () => {
  const { client, world, handler } = create();
  client.open(1);
  world.run();
  const next = new RawClient(world.pair, world.bell(world.pair.serverDoorbell));
  next.open(2);
  next.data(2, frame);
  world.run();
  equal(
    handler.closed.map(({ remotePort }) => remotePort),
    [1],
  );
  equal(handler.codes, [105]);
});
