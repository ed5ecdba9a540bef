import * as assert from 'uvu/assert';
import { type ActorRef, child, defineActor, Shard } from '../../src/actors/index.ts';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import type { BrokerMessage } from '../../src/broker/index.ts';
import { registrationWaitActor } from '../../src/node/registration-wait.ts';
import { suite } from '../support/suite.ts';

const test = suite('registration wait');

/** A shard with a broker that only remembers who asked. */
const start = () => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const asked: ActorRef<true>[] = [];
  const failures: unknown[] = [];
  const shard = new Shard({
    name: 'root',
    clock,
    scheduler,
    random: seededRandom(1),
    logger: silentLogger,
    onFailed: (error) => failures.push(error),
  });
  const actor = defineActor<undefined, BrokerMessage>({
    name: 'broker',
    start: () => ({
      receive(message) {
        if (message.kind === 'whenRegistered') asked.push(message.replyTo);
      },
    }),
  });
  const broker = shard.spawnRoot(child({ id: 'broker', actor, config: undefined }));
  let calls = 0;
  const config = { broker, done: () => void calls++ };
  shard.spawnRoot(
    child({ id: 'wait', actor: registrationWaitActor, config, restart: 'temporary' }),
  );
  scheduler.runDeferred();
  return { scheduler, asked, failures, calls: () => calls, shard };
};

test('it is done when the broker says so, once, and is gone then', () => {
  const { scheduler, asked, failures, calls, shard } = start();
  assert.is(asked.length, 1);
  assert.is(calls(), 0);
  asked[0]?.tell(true);
  scheduler.advance(1);
  assert.is(calls(), 1);
  scheduler.advance(60_000);
  assert.is(calls(), 1);
  assert.equal(failures, []);
  assert.not.ok(JSON.stringify(shard.inspect()).includes('registration-wait'));
});

test('a broker that no name server answers starts all the same, after a while', () => {
  const { scheduler, calls } = start();
  scheduler.advance(5_000);
  assert.is(calls(), 0);
  scheduler.advance(5_000);
  assert.is(calls(), 1);
});
