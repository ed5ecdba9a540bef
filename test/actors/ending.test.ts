import * as assert from 'uvu/assert';
import { child, defineActor, supervisor } from '../../src/actors/index.ts';
import type { Logger } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard, type Step, scripted } from './support.ts';

const test = suite('actors/ending');

interface DrainConfig {
  readonly trace: string[];
  readonly how: 'at once' | 'by message' | 'never' | 'throws' | 'throws later';
}

const drainer = defineActor<DrainConfig, 'work' | 'finish' | 'throw'>({
  name: 'drainer',
  start({ trace, how }, context) {
    let finished: (() => void) | undefined;
    trace.push('start');
    return {
      receive(message) {
        trace.push(message);
        if (message === 'finish') finished?.();
        if (message === 'throw') throw new Error('while draining');
      },
      drain(done) {
        trace.push('drain');
        finished = done;
        if (how === 'at once') done();
        if (how === 'throws') throw new Error('drain');
        if (how === 'by message') context.setTimer(10, 'finish');
        if (how === 'throws later') context.setTimer(10, 'throw');
      },
      stop: (reason) => void trace.push(`stop:${reason}`),
    };
  },
});

const start = (how: DrainConfig['how']) => {
  const warnings: string[] = [];
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_, text) => void warnings.push(text),
    error: (_, text) => void warnings.push(text),
    child: () => logger,
  };
  const world = manualShard({ logger });
  const trace: string[] = [];
  const config = { trace, how };
  const ref = world.shard.spawnRoot(child({ id: 'd', actor: drainer, config, shutdownMs: 1_000 }));
  let stopped = 0;
  const stop = (): void =>
    world.shard.stop(() => {
      stopped += 1;
    });
  return { ...world, ref, trace, warnings, stop, stopped: () => stopped };
};

test('drain that is done at once is followed by stop', () => {
  const { trace, stop, settle, stopped } = start('at once');
  stop();
  settle();
  assert.equal(trace, ['start', 'drain', 'stop:shutdown']);
  assert.is(stopped(), 1);
});

test('messages and timers arrive while an actor finishes its work', () => {
  const { trace, stop, settle, stopped, ref, scheduler } = start('by message');
  stop();
  settle();
  assert.ok(ref.tell('work'));
  assert.is(stopped(), 0);
  scheduler.advance(10);
  assert.equal(trace, ['start', 'drain', 'work', 'finish', 'stop:shutdown']);
  assert.is(stopped(), 1);
  assert.not(ref.tell('work'));
});

test('work that takes longer than shutdownMs is cut off with a warning', () => {
  const { trace, stop, scheduler, stopped, warnings } = start('never');
  stop();
  scheduler.advance(999);
  assert.is(stopped(), 0);
  scheduler.advance(1);
  assert.is(stopped(), 1);
  assert.equal(trace, ['start', 'drain', 'stop:shutdown']);
  assert.equal(warnings, ['actor did not finish its work in time and is stopped']);
  assert.is(scheduler.pendingTimers, 0);
});

test('a failure in drain, or while draining, ends the wait and does not keep the rest from stopping', () => {
  for (const how of ['throws', 'throws later'] as const) {
    const { trace, stop, scheduler, stopped, failures } = start(how);
    stop();
    scheduler.advance(10);
    assert.is(stopped(), 1, how);
    assert.is(trace.at(-1), 'stop:shutdown');
    assert.equal(failures, []);
    assert.is(scheduler.pendingTimers, 0);
  }
});

test('a failure in stop is logged and the siblings are stopped', () => {
  const { shard, settle } = manualShard();
  const trace: string[] = [];
  const bad = defineActor<undefined, never>({
    name: 'bad',
    start: () => ({
      receive: () => undefined,
      stop() {
        throw new Error('stop');
      },
    }),
  });
  shard.spawnRoot(child({ id: 'a', actor: scripted, config: { id: 'a', trace } }));
  shard.spawnRoot(child({ id: 'b', actor: bad, config: undefined }));
  let isStopped = false;
  shard.stop(() => {
    isStopped = true;
  });
  settle();
  assert.ok(isStopped);
  assert.equal(trace, ['a:start', 'a:stop:shutdown']);
});

test('a stop that takes longer than shutdownMs is warned about', () => {
  const warnings: string[] = [];
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_, text) => void warnings.push(text),
    error: () => undefined,
    child: () => logger,
  };
  const { shard, settle, clock } = manualShard({ logger });
  const slow = defineActor<undefined, never>({
    name: 'slow',
    start: () => ({ receive: () => undefined, stop: () => clock.advance(50) }),
  });
  shard.spawnRoot(child({ id: 's', actor: slow, config: undefined, shutdownMs: 49 }));
  shard.stop(() => undefined);
  settle();
  assert.equal(warnings, ['actor took longer to stop than its shutdownMs']);
});

test('after a failure there is no drain: the state may be wrong', () => {
  const { trace, ref, settle } = start('never');
  ref.tell('throw');
  settle();
  assert.equal(trace, ['start', 'throw', 'stop:failure', 'start']);
});

test('siblings that are ended for a oneForAll restart are drained one after the other, in reverse', () => {
  const { shard, settle, scheduler } = manualShard();
  const trace: string[] = [];
  const spec = { id: 's', strategy: 'oneForAll' as const, restartsMax: 3, periodMs: 5_000 };
  const children = [
    child({ id: 'a', actor: drainer, config: { trace, how: 'by message' as const } }),
    child({ id: 'b', actor: scripted, config: { id: 'b', trace } }),
    child({ id: 'c', actor: drainer, config: { trace, how: 'by message' as const } }),
  ];
  shard.spawnRoot(supervisor({ ...spec, children }));
  const b = shard.resolve<Step>(shard.name, 's/b');
  trace.length = 0;
  b.tell({ kind: 'throw' });
  settle();
  assert.equal(trace, ['drain']);
  scheduler.advance(10);
  assert.equal(trace, ['drain', 'finish', 'stop:shutdown', 'b:stop:failure', 'drain']);
  scheduler.advance(10);
  assert.equal(trace.slice(5), ['finish', 'stop:shutdown', 'start', 'b:start', 'start']);
});

test('a parent that is stopped while a child drains for a restart waits for that child', () => {
  const { shard, settle, scheduler } = manualShard();
  const trace: string[] = [];
  const spec = { id: 's', strategy: 'oneForAll' as const, restartsMax: 3, periodMs: 5_000 };
  const children = [
    child({ id: 'a', actor: drainer, config: { trace, how: 'by message' as const } }),
    child({ id: 'b', actor: scripted, config: { id: 'b', trace } }),
  ];
  shard.spawnRoot(supervisor({ ...spec, children }));
  shard.resolve<Step>(shard.name, 's/b').tell({ kind: 'throw' });
  settle();
  let stopped = 0;
  shard.stop(() => {
    stopped += 1;
  });
  settle();
  assert.is(stopped, 0);
  scheduler.advance(10);
  assert.is(stopped, 1);
  scheduler.advance(10_000);
  assert.equal(trace, ['start', 'b:start', 'b:stop:failure', 'drain', 'finish', 'stop:shutdown']);
});
