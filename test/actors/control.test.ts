import { MessageChannel } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import {
  callPort,
  exposeControl,
  RemoteControl,
  type ShardControl,
  servePort,
} from '../../src/actors/control.ts';
import type { LinkMemory } from '../../src/actors/links.ts';
import { threadMemory } from '../../src/actors/mesh.ts';
import { suite } from '../support/suite.ts';
import { manualShard } from './support.ts';

const test = suite('actors/control');

const start = (control: Partial<ShardControl>) => {
  const { port1, port2 } = new MessageChannel();
  const log: string[] = [];
  const { shard } = manualShard({ name: 's' });
  exposeControl(port2, {
    ready: () => Promise.resolve({ ok: true }),
    start: () => ({ ok: true }),
    connect: (link) => void log.push(`connect ${link.shard}`),
    disconnect: (name) => void log.push(`disconnect ${name}`),
    inspect: () => shard.inspect(),
    configure: () => ({ ok: true }),
    stop: () => Promise.resolve(),
    ...control,
  });
  const remote = new RemoteControl(port1);
  return { remote, log };
};

test('calls arrive in order, and shared memory stays shared', async () => {
  let received: LinkMemory | undefined;
  const { remote, log } = start({
    connect(link) {
      received = link;
      log.push(`connect ${link.shard}`);
    },
  });
  const memory = threadMemory();
  const ring = new SharedArrayBuffer(8);
  remote.disconnect('b');
  remote.connect({ shard: 'b', outgoing: ring, incoming: ring, ...memory });
  const facts = await new Promise((resolve) => remote.inspect(resolve));
  assert.equal(log, ['disconnect b', 'connect b']);
  new Int32Array(memory.presence)[0] = 7;
  assert.is(received && new Int32Array(received.presence)[0], 7);
  assert.is((facts as { shard: string }).shard, 's');
  remote.close();
});

test('an error crosses with its code', async () => {
  const error = { message: 'no such actor', code: 'ACTOR_UNKNOWN' };
  const { remote } = start({ start: () => ({ ok: false, error }) });
  const root = { id: 'a', actor: 'a', config: {} };
  const got = await new Promise<Error | undefined>((done) => remote.start(root, done));
  assert.is((got as unknown as { code: string }).code, 'ACTOR_UNKNOWN');
  assert.is(await new Promise((done) => remote.ready(done)), undefined);
  remote.close();
});

test('a tree that cannot be read is shown as missing', async () => {
  const { remote } = start({
    inspect() {
      throw new Error('broken');
    },
  });
  assert.is(await new Promise((done) => remote.inspect(done)), undefined);
  remote.close();
});

test('a port calls functions of another thread; what they throw keeps code and details', async () => {
  const { port1, port2 } = new MessageChannel();
  const api = {
    add: ([a, b]: readonly [number, number]) => a + b,
    fail: async (): Promise<void> => {
      throw Object.assign(new Error('why'), { code: 'CODE', details: { path: 'p' } });
    },
  };
  servePort(port2, api);
  const call = callPort<typeof api>(port1);
  assert.is(await call('add', [1, 2]), 3);
  const failed = await call('fail', undefined).catch((error: unknown) => error);
  const { message, code, details } = failed as Error & { code: string; details: object };
  assert.equal([message, code, details], ['why', 'CODE', { path: 'p' }]);
  port1.close();
});
