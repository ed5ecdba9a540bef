import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import * as assert from 'uvu/assert';
import { encodeBatch } from '../../src/message/index.ts';
import {
  encodeCommand,
  requestOf,
  SendBatchMessage,
  SendMessageV2,
} from '../../src/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';
import {
  connectionsOf,
  heartbeat,
  IoClient,
  ioNode,
  membersOf,
  pullOf,
  sendHeader,
  WAIT_MS,
  withClients,
} from './io-fixture.ts';
import { HOST, portOf, withFolder } from './node-fixture.ts';

const test = suite('i/o shard');
const LIMIT_MS = 120_000;
const LARGE_BYTES = 4 * 1024 * 1024 - 1024;

for (const ioShards of [0, 1, 2])
  test(
    `${ioShards} I/O shards: sends, batches, pulls that wait, large messages, heartbeats and what the broker asks`,
    () =>
      withFolder((folder) =>
        withClients(ioNode(folder, ioShards), 3, async (node, clients, plain) => {
          const [first, second, third] = clients as [IoClient, IoClient, IoClient];
          assert.is(await plain.send(0, 'one'), 0);
          const items = ['two', 'three'].map((text) => ({
            flag: 0,
            body: Buffer.from(text),
            properties: {},
          }));
          const batch = { extFields: sendHeader(true), body: encodeBatch(items) };
          assert.is((await first.call(requestOf(SendBatchMessage.code, batch))).code, 0);
          const large = Buffer.alloc(LARGE_BYTES, 'x');
          const send = requestOf(SendMessageV2.code, { extFields: sendHeader(false), body: large });
          assert.is((await second.call(send)).code, 0);
          const bodies = await plain.readAll(0);
          assert.equal(bodies.slice(0, 3), ['one', 'two', 'three']);
          assert.ok(large.equals(Buffer.from(bodies[3] ?? '')));
          const waiting = third.call(pullOf(4, WAIT_MS));
          assert.is(await plain.send(0, 'awaited'), 0);
          const awaited = await waiting;
          assert.is(awaited.code, 0);
          assert.ok(awaited.body?.includes('awaited'));
          assert.is((await first.call(heartbeat('one@1'))).code, 0);
          assert.is((await second.call(heartbeat('two@2'))).code, 0);
          await eventually(
            async () => first.asked,
            (asked) => asked.length > 0,
            WAIT_MS,
          );
          assert.ok(first.asked.includes(40), 'the first consumer hears of the second');
          assert.is(await membersOf(third), 2);
          second.close();
          await eventually(
            () => membersOf(third),
            (members) => members === 1,
            WAIT_MS,
          );
          assert.is(await membersOf(third), 1, 'who is gone is no member');
          assert.is((await connectionsOf(node)).length, ioShards);
        }),
      ),
    LIMIT_MS,
  );

/** Connects without the library. */
const dial = async (port: number): Promise<Socket> => {
  const socket = connect({ host: HOST, port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

const isClosed = (socket: Socket): Promise<boolean> =>
  new Promise((resolve) => {
    socket.resume();
    socket.on('close', () => resolve(true));
    setTimeout(() => resolve(false), WAIT_MS).unref();
  });

test(
  'both ports are served, bad frames cost their connection, and a client that does not read nobody else',
  () =>
    withFolder((folder) =>
      withClients(ioNode(folder, 1), 1, async (node, clients) => {
        const [client] = clients as [IoClient];
        const port = portOf(node.brokerAddress);
        const vip = new IoClient(`${HOST}:${port - 2}`);
        const body = Buffer.alloc(LARGE_BYTES, 'y');
        const send = requestOf(SendMessageV2.code, { extFields: sendHeader(false), body });
        for (let count = 0; count < 4; count++) assert.is((await vip.call(send)).code, 0);
        vip.close();
        const bad = await dial(port);
        bad.write('GET / HTTP/1.1\r\n\r\n');
        assert.ok(await isClosed(bad));
        const slow = await dial(port);
        slow.pause();
        const pulls = 50;
        for (let opaque = 0; opaque < pulls; opaque++)
          slow.write(encodeCommand({ ...pullOf(opaque % 4, 0), opaque }, 0));
        for (let count = 0; count < 50; count++)
          assert.is((await client.call(pullOf(100, 0))).code, 21);
        let bytes = 0;
        slow.on('data', (chunk) => {
          bytes += chunk.length;
        });
        slow.resume();
        await eventually(
          async () => bytes,
          (now) => now > pulls * LARGE_BYTES,
          WAIT_MS,
        );
        assert.ok(bytes > pulls * LARGE_BYTES, `${bytes} bytes came`);
        slow.destroy();
        await eventually(
          () => connectionsOf(node),
          ([count]) => count === 1,
          WAIT_MS,
        );
        assert.equal(await connectionsOf(node), [1]);
      }),
    ),
  LIMIT_MS,
);
