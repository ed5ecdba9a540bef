// Whole pulls of long messages on a mapped store and real sockets.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  type SocketAddress,
  silentLogger,
  systemClock,
  systemRandom,
  systemScheduler,
} from '../../src/base/index.ts';
import { PullAnswer } from '../../src/broker/pull-answer.ts';
import { PullWork } from '../../src/broker/pull-work.ts';
import { encodeCommand, type RequestView, requestOf } from '../../src/protocol/index.ts';
import { createMappedDisk, MessageStore, PutStatus } from '../../src/storage/index.ts';
import { MappingTable } from '../../src/storage/mmap/mapping-table.ts';
import { type Peer, RemotingServer, tcpNetwork } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';
import { recordsOf } from './broker-fixture.ts';

const test = suite('lent answers');
const MIB = 1024 * 1024;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour).join(';');
const PULLS = 24;
const parts = {
  scheduler: systemScheduler,
  clock: systemClock,
  logger: silentLogger,
  random: systemRandom,
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await turn();
};

/** A store with three segments of long messages, served by real sockets; `pull` asks for the first of them. */
const serve = async (root: string) => {
  const table = MappingTable.create(64);
  const disk = createMappedDisk({ ...parts, mappings: { table, shard: 0 } });
  const store = MessageStore.open(
    {
      storePathRootDir: root,
      mappedFileSizeCommitLog: 4 * MIB,
      fileReservedTime: 0,
      flushIntervalConsumeQueue: 1,
      deleteWhen: HOURS,
    },
    { ...parts, disk },
  );
  const { message } = store;
  const queue = store.queue('T', 0);
  const host = Buffer.from([10, 0, 0, 1]);
  Object.assign(message, { queue, bornHost: host, storeHost: host, bodyBytes: MIB });
  for (let index = 0; index < 9; index++) {
    message.body = Buffer.alloc(MIB, `message ${index}`);
    assert.is(store.append(message), PutStatus.PUT_OK);
  }
  store.endTurn();
  await new Promise<void>((resolve) => store.flush(() => resolve()));
  const answer = new PullAnswer(store);
  const peers: Peer[] = [];
  const server = new RemotingServer({
    ...parts,
    network: tcpNetwork(),
    handler: {
      onRequest: (view: RequestView, peer: Peer): void => {
        const { opaque, headerType } = view;
        const work = Object.assign(new PullWork(), { opaque, headerType, maxMessages: 1 });
        answer.execute(queue, work, peer);
      },
      onTurnEnd: () => undefined,
      onOpen: (peer) => void peers.push(peer),
      onClose: (peer) => void peers.splice(peers.indexOf(peer), 1),
    },
  });
  const address = await new Promise<SocketAddress>((resolve, reject) =>
    server.listen({ host: '127.0.0.1', port: 0 }, (error, bound) =>
      bound === undefined ? reject(error) : resolve(bound),
    ),
  );
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.close(resolve));
    await new Promise<void>((resolve) => store.close(() => resolve()));
  };
  return { store, table, peers, address, close };
};

/** Asks many times for the first message and reads nothing. */
const askAndWait = async (address: SocketAddress): Promise<Socket> => {
  const socket = connect(address.port, address.host);
  socket.pause();
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const requests = Array.from({ length: PULLS }, (_, opaque) =>
    encodeCommand({ ...requestOf(11), opaque }),
  );
  socket.write(Buffer.concat(requests));
  return socket;
};

const withServer = async (
  body: (served: Awaited<ReturnType<typeof serve>>) => Promise<void>,
): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-lent-'));
  try {
    const served = await serve(root);
    await body(served);
    await served.close();
    assert.is(served.table.size, 0, 'every mapping is gone');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

/** Deletes the segments of the messages that are being sent. */
const expire = (store: MessageStore): Promise<void> =>
  until(() => {
    store.cleanExpired(Date.now() + 1000);
    return store.minPosition === 8 * MIB;
  });

test('a segment that expires under a slow reader stays mapped until all was read, byte by byte', () =>
  withServer(async ({ store, table, peers, address }) => {
    const socket = await askAndWait(address);
    await until(() => (peers[0]?.unsentBytes ?? 0) > MIB);
    const before = table.size;
    await expire(store);
    assert.is(table.size, before - 1, 'one of the two that went is still lent');
    const chunks: Buffer[] = [];
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
    });
    socket.resume();
    // The pulls that run after the expiry are told that the message is gone.
    await until(() => bytes > MIB && peers[0]?.unsentBytes === 0);
    await until(() => table.size === before - 2);
    await until(() => frames(Buffer.concat(chunks)).length === PULLS);
    const bodies = frames(Buffer.concat(chunks)).filter((body) => body.length > 0);
    assert.ok(bodies.length >= 4, `${bodies.length} answers with a message`);
    const expected = Buffer.alloc(MIB, 'message 0').toString();
    for (const body of bodies) assert.is(recordsOf(body)[0]?.body, expected);
    socket.destroy();
    await until(() => peers.length === 0);
  }));

test('a reader that goes away in the middle gives everything back', () =>
  withServer(async ({ store, table, peers, address }) => {
    const socket = await askAndWait(address);
    await until(() => (peers[0]?.unsentBytes ?? 0) > MIB);
    const before = table.size;
    await expire(store);
    assert.is(table.size, before - 1);
    socket.destroy();
    await until(() => peers.length === 0);
    assert.is(table.size, before - 2);
  }));

/** The bodies of the whole frames in what was received. */
const frames = (all: Buffer): Buffer[] => {
  const bodies: Buffer[] = [];
  for (let at = 0; at + 8 <= all.length; ) {
    const end = at + 4 + all.readInt32BE(at);
    if (end > all.length) break;
    bodies.push(all.subarray(at + 8 + (all.readInt32BE(at + 4) & 0xffffff), end));
    at = end;
  }
  return bodies;
};
