import { equal, is, not, ok } from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { encodeCommand, RequestView } from '../../src/protocol/index.ts';
import { PendingRequests } from '../../src/transport/pending-requests.ts';
import { suite } from '../support/suite.ts';
import { command } from './world.ts';

const test = suite('pending-requests');

const create = (limit = 1000) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const timeouts: object[] = [];
  const onTimeout = (target: object): void => void timeouts.push(target);
  const pending = new PendingRequests({ clock, scheduler, limit, onTimeout });
  const log: string[] = [];
  const done =
    (name: string) =>
    (error: Error | undefined): void =>
      void log.push(`${name} ${(error as { code?: string } | undefined)?.code ?? 'ok'}`);
  return { clock, scheduler, pending, timeouts, log, done };
};

const answer = (opaque: number): RequestView => {
  const bytes = encodeCommand(command(0, { opaque, flag: 1 }), 0);
  const view = new RequestView();
  ok(view.scan(bytes, 0, bytes.length));
  return view;
};

test('an answer goes to its request once, and only from who was asked', () => {
  const { pending, log, done } = create();
  const [one, two] = [{}, {}];
  const opaque = pending.add(one, 'a:1', 1000, done('x'));
  is(pending.settle(two, answer(opaque)), false);
  is(pending.settle(one, answer(opaque + 1)), false);
  is(pending.settle(one, answer(opaque)), true);
  is(pending.settle(one, answer(opaque)), false);
  equal(log, ['x ok']);
  is(pending.size, 0);
});

test('a call is told the frame of its answer as it came, or its failure', () => {
  const { pending, log, done } = create();
  const target = {};
  const seen: unknown[] = [];
  const view = answer(pending.addCall(target, 'a:1', 1000, (_, told) => seen.push(told)));
  is(pending.settle(target, view), true);
  is(pending.settle(target, view), false);
  equal(seen, [view]);
  pending.addCall(target, 'a:1', 1000, done('lost'));
  pending.failPeer(target, 'a:1');
  equal(log, ['lost CONNECTION_CLOSED']);
});

test('each deadline is kept within a step, by one timer, and long ones do not wait for short ones', () => {
  const { pending, scheduler, log, done, timeouts } = create();
  const target = {};
  for (const ms of [5000, 100, 3000, 100, 700]) pending.add(target, 'a:1', ms, done(`${ms}`));
  is(scheduler.pendingTimers, 1);
  scheduler.advance(99);
  equal(log, []);
  scheduler.advance(51);
  equal(log, ['100 REQUEST_TIMEOUT', '100 REQUEST_TIMEOUT']);
  scheduler.advance(600);
  is(log.length, 3);
  scheduler.advance(5000);
  equal(log.slice(2), ['700 REQUEST_TIMEOUT', '3000 REQUEST_TIMEOUT', '5000 REQUEST_TIMEOUT']);
  is(timeouts.length, 5);
  is(scheduler.pendingTimers, 0);
});

test('a request added by a timed-out one is timed on its own', () => {
  const { pending, scheduler, log, done } = create();
  pending.add({}, 'a:1', 100, () => pending.add({}, 'a:1', 100, done('second')));
  scheduler.advance(150);
  equal(log, []);
  scheduler.advance(150);
  equal(log, ['second REQUEST_TIMEOUT']);
});

test('a target that is gone fails its own requests, in order, even while they ask again', () => {
  const { pending, log, done } = create();
  const [one, two] = [{}, {}];
  pending.add(one, 'a:1', 1000, (error) => {
    done('1')(error);
    pending.add(one, 'a:1', 1000, done('again'));
  });
  pending.add(two, 'b:1', 1000, done('other'));
  pending.add(one, 'a:1', 1000, done('2'));
  pending.failPeer(one, 'a:1');
  equal(log, ['1 CONNECTION_CLOSED', '2 CONNECTION_CLOSED']);
  is(pending.size, 2);
});

test('above the limit a request fails in a later turn', () => {
  const { pending, scheduler, log, done } = create(1);
  ok(pending.add({}, 'a:1', 1000, done('first')) > 0);
  is(pending.add({}, 'a:1', 1000, done('second')), -1);
  equal(log, []);
  scheduler.runDeferred();
  equal(log, ['second TOO_MANY_REQUESTS']);
});

test('opaques are never used twice at a time', () => {
  const { pending, done } = create(100_000);
  const seen = new Set<number>();
  for (let index = 0; index < 10_000; index++) seen.add(pending.add({}, 'a:1', 1000, done('')));
  is(seen.size, 10_000);
  not.ok(seen.has(pending.nextOpaque()));
});
