import * as assert from 'uvu/assert';
import type { ActorSystem, RootSpec } from '../../../src/actors/index.ts';
import { ATTACHMENTS_MAX, RingAttachments } from '../../../src/node/core/ring-attachments.ts';
import type { RingPairConfig } from '../../../src/node/ring-pair.actor.ts';
import { PairState, type RingPair } from '../../../src/transport/index.ts';
import { suite } from '../../support/suite.ts';
import { failureOf } from '../node-fixture.ts';

const test = suite('ring attachments');
const SERVERS = [
  { shard: 'namesrv', address: '127.0.0.1:9876' },
  { shard: 'broker', address: '127.0.0.1:10911' },
];

const pairOf = (root: RootSpec | undefined): RingPair | undefined =>
  (root?.config as RingPairConfig | undefined)?.pair;

const wordOf = ({ config }: RootSpec): number | undefined => {
  const { detached } = config as RingPairConfig;
  return detached && new Int32Array(detached)[0];
};

/** A system that keeps roots and tells nobody. */
const fakeSystem = () => {
  const roots = new Map<string, RootSpec>();
  const told: string[] = [];
  const system = {
    keepRoot: async (shard: string, root: RootSpec) => void roots.set(`${shard}/${root.id}`, root),
    forgetRoot: (shard: string, id: string) => void roots.delete(`${shard}/${id}`),
    ref: (shard: string, id: string) => ({
      tell: ({ kind }: { readonly kind: string }) => told.push(`${shard}/${id} ${kind}`) > 0,
    }),
  };
  return { roots, told, rings: new RingAttachments(system as unknown as ActorSystem) };
};

test('each thread has one doorbell, and a pair with each server that shares the doorbell of its shard', async () => {
  const { roots, rings } = fakeSystem();
  const first = await rings.attach(SERVERS);
  const second = await rings.attach(SERVERS);
  assert.equal([...roots.keys()].sort(), [
    'broker/rings-1',
    'broker/rings-2',
    'namesrv/rings-1',
    'namesrv/rings-2',
  ]);
  assert.equal(
    first.pairs.map(({ address }) => address),
    SERVERS.map(({ address }) => address),
  );
  for (const { pair } of first.pairs) assert.is(pair.clientDoorbell, first.doorbell);
  assert.is.not(first.doorbell, second.doorbell);
  assert.is(second.pairs[1]?.pair.serverDoorbell, rings.ringsOf('broker').doorbell);
  assert.is(pairOf(roots.get('broker/rings-2')), second.pairs[1]?.pair);
});

test('a dead shard is told of at the other ends, and is expected back unless that was the end', async () => {
  const { rings } = fakeSystem();
  const { pairs } = await rings.attach(SERVERS);
  const registration = rings.pairBetween('broker', 'namesrv');
  const [namesrv, broker] = pairs.map(({ pair }) => new PairState(pair.state));
  const registered = new PairState(registration.state);
  for (const state of [namesrv, broker, registered]) state?.begin('server');
  registered.begin('client');
  rings.shardGone('broker', false);
  assert.equal([namesrv?.epoch('server'), broker?.epoch('server')], [1, 2]);
  assert.equal([registered.epoch('server'), registered.epoch('client')], [1, 2]);
  assert.is(broker?.isServerClosed, false);
  rings.shardGone('namesrv', true);
  assert.equal([namesrv?.isServerClosed, registered.isServerClosed], [true, true]);
});

test('what a thread was given is taken back once, at every server', async () => {
  const { roots, told, rings } = fakeSystem();
  const { id, pairs } = await rings.attach(SERVERS);
  const states = pairs.map(({ pair }) => new PairState(pair.state));
  for (const state of states) state.begin('client');
  rings.detach(id);
  rings.detach(id);
  assert.is(roots.size, 0);
  assert.equal(told.sort(), ['broker/rings-1 detach', 'namesrv/rings-1 detach']);
  for (const state of states) assert.is(state.epoch('client'), 2);
});

test('a thread that hears nothing finds it written down that a pair is done with, and no other pair', async () => {
  const { roots, rings } = fakeSystem();
  const { id } = await rings.attach(SERVERS);
  await rings.attach(SERVERS);
  const given = [...roots.values()];
  assert.equal(given.map(wordOf), [0, 0, 0, 0]);
  rings.detach(id);
  assert.equal(given.map(wordOf), [1, 1, 0, 0]);
});

test('there is a limit', async () => {
  const { rings } = fakeSystem();
  for (let count = 0; count < ATTACHMENTS_MAX; count++) await rings.attach([]);
  assert.is((await failureOf(rings.attach([]))).code, 'HANDLES_EXCEEDED');
  rings.detach(1);
  await rings.attach([]);
});

test('the name server serves the pairs that brokers register by', async () => {
  const { roots, rings } = fakeSystem();
  const pair = rings.pairBetween('broker-1', 'namesrv');
  await rings.servePairs();
  assert.is(pairOf(roots.get('namesrv/rings-broker-1')), pair);
  assert.is(pair.clientDoorbell, rings.ringsOf('broker-1').doorbell);
});
