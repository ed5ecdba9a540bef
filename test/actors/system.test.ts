import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import type { DeathKind, EchoMessage } from './fixture-registry.ts';
import { ThreadWorld } from './thread-support.ts';

const test = suite('actors/system');

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

test('an actor of another thread is told and asked like one of this thread', async () => {
  const world = new ThreadWorld();
  await world.start('a');
  const value = { text: 'ü', list: [1, { deep: true }], bytes: Buffer.from([1, 2]) };
  assert.equal(await world.echo('a', value), { value, label: 'a!', shard: 'a' });
  await world.system.stop();
  assert.equal(world.exits[0]?.isOrdered, true);
  assert.is(world.exits[0]?.code, 0);
});

test('a ref travels in a message: the question goes on to a third thread, which answers the first', async () => {
  const world = new ThreadWorld();
  await world.start('a');
  await world.start('b');
  const to = { shard: 'b', id: 'echo' };
  const reply = await world.ask(world.system.ref<EchoMessage>('a', 'echo'), (replyTo) => ({
    kind: 'relay',
    to,
    value: 7,
    replyTo,
  }));
  assert.equal(reply, { value: 7, label: 'b!', shard: 'b' });
  await world.system.stop();
  assert.equal(
    world.exits.map((exit) => exit.name),
    ['b', 'a'],
    'stopped in reverse order',
  );
});

test('messages to another thread keep their order, and a full ring makes tell return false', async () => {
  const world = new ThreadWorld({ ringBytes: 4096 });
  await world.start('a');
  const echo = world.system.ref<EchoMessage>('a', 'echo');
  const replies: number[] = [];
  let refused = 0;
  const asks: Promise<void>[] = [];
  for (let value = 0; value < 200; value++) {
    const ask = world.ask(echo, (replyTo) => ({ kind: 'ask', value, replyTo }));
    asks.push(
      ask.then((reply) => {
        if (reply === undefined) refused += 1;
        else replies.push((reply as { value: number }).value);
      }),
    );
  }
  await Promise.all(asks);
  assert.ok(refused > 0, 'the ring was full');
  assert.ok(replies.length > 10);
  assert.equal(
    replies,
    [...replies].sort((a, b) => a - b),
  );
  assert.is(replies.length + refused, 200);
  await world.system.stop();
});

test('a message that is not plain data, or larger than the ring, is an error of its sender', async () => {
  const world = new ThreadWorld({ ringBytes: 4096 });
  await world.start('a');
  const echo = world.system.ref<EchoMessage>('a', 'echo');
  const replyTo = echo as never;
  const code = (value: unknown): string => {
    try {
      return String(echo.tell({ kind: 'ask', value, replyTo }));
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  assert.is(
    code(() => 1),
    'MESSAGE_NOT_PLAIN',
  );
  assert.is(code(new (class Odd {})()), 'MESSAGE_NOT_PLAIN');
  assert.is(code('x'.repeat(5_000)), 'MESSAGE_TOO_LARGE');
  await world.system.stop();
});

test('an actor may ask another shard while it starts', async () => {
  const world = new ThreadWorld();
  await world.start('a');
  const config = { shard: 'a', id: 'echo' };
  await world.start('b', { roots: [{ id: 'echo', actor: 'greeter', config }] });
  let reply: unknown;
  // The greeter may not have its answer yet.
  while (reply === undefined) reply = await world.echo('b', 0);
  assert.equal(reply, { value: 'hello', label: 'a!', shard: 'a' });
  await world.system.stop();
});

const DEATHS: readonly {
  readonly kind: DeathKind | 'terminate';
  readonly code: number;
  readonly error?: string;
}[] = [
  { kind: 'throw', code: 1, error: 'BOOM' },
  { kind: 'exit', code: 3 },
  { kind: 'exit normally', code: 0 },
  { kind: 'terminate', code: 1 },
  { kind: 'memory', code: 1, error: 'ERR_WORKER_OUT_OF_MEMORY' },
  { kind: 'escalate', code: 1, error: 'ESCALATED' },
];

for (const { kind, code, error } of DEATHS) {
  test(`a thread that dies by ${kind} is replaced and serves again; others never notice`, async () => {
    const world = new ThreadWorld();
    await world.start('other');
    await world.start('a', { resourceLimits: { maxOldGenerationSizeMb: 24 } });
    const echo = world.system.ref<EchoMessage>('a', 'echo');
    assert.ok(await world.echo('a', 1));
    // A question that will never be answered: it must not wait for its deadline.
    const lost = world.ask(echo, (replyTo) => ({ kind: 'never', replyTo }), 60_000);
    const startMs = performance.now();
    if (kind === 'terminate') world.system.terminateShard('a');
    else assert.ok(world.system.ref<DeathKind>('a', 'mortal').tell(kind));
    await world.until('exit a');
    const deathMs = performance.now();
    assert.is(await lost, undefined);
    assert.not(echo.tell({ kind: 'stop' }), 'in between tell is refused');
    await world.until('ready a', 2);
    assert.equal(await world.echo('a', 2), { value: 2, label: 'a!', shard: 'a' });
    const servingMs = performance.now();
    process.stdout.write(
      `${kind}: noticed after ${(deathMs - startMs).toFixed(0)} ms, serving ${(servingMs - deathMs).toFixed(0)} ms later\n`,
    );
    assert.ok(servingMs - deathMs < 5_000, 'serving again');
    assert.is(world.exits[0]?.code, code);
    assert.is((world.exits[0]?.error as { code?: string } | undefined)?.code, error);
    assert.not(world.exits[0]?.isOrdered);
    // The link between the survivor and the replacement works in both directions.
    const relayed = await world.ask(world.system.ref<EchoMessage>('other', 'echo'), (replyTo) => ({
      kind: 'relay',
      to: { shard: 'a', id: 'echo' },
      value: 3,
      replyTo,
    }));
    assert.equal(relayed, { value: 3, label: 'a!', shard: 'a' });
    assert.equal(world.ready, ['other#0', 'a#0', 'a#1']);
    assert.equal(world.fatal, []);
    await world.system.stop();
  });
}

test('the exit hook runs before the replacement is started, and roots are asked anew', async () => {
  const order: string[] = [];
  const world = new ThreadWorld({ onShardExit: () => order.push('exit') });
  await world.start('a', {
    roots: (attempt) => {
      order.push(`roots ${attempt}`);
      return [{ id: 'echo', actor: 'echo', config: { label: `try ${attempt}` } }];
    },
  });
  world.system.terminateShard('a');
  await world.until('ready a', 2);
  assert.equal(order, ['roots 0', 'exit', 'roots 1']);
  assert.equal(await world.echo('a', 0), { value: 0, label: 'try 1', shard: 'a' });
  await world.system.stop();
});

for (const restart of ['permanent', 'transient', 'temporary'] as const) {
  for (const kind of ['exit normally', 'exit'] as const) {
    const isBack = restart === 'permanent' || (restart === 'transient' && kind === 'exit');
    test(`a ${restart} thread is ${isBack ? 'replaced' : 'gone'} after ${kind}`, async () => {
      const world = new ThreadWorld();
      await world.start('a', { restart });
      world.system.ref<DeathKind>('a', 'mortal').tell(kind);
      await world.until('exit a');
      if (isBack) await world.until('ready a', 2);
      const { shards } = await world.system.inspect();
      assert.equal(
        shards.map((shard) => [shard.name, shard.state, shard.restarts]),
        isBack ? [['a', 'running', 1]] : [],
      );
      await world.system.stop();
    });
  }
}

for (const strategy of ['oneForOne', 'oneForAll', 'restForOne'] as const) {
  test(`threads under ${strategy}: who is ended and replaced with the one that died`, async () => {
    const world = new ThreadWorld({
      supervision: { strategy, restartsMax: 3, periodMs: 60_000 },
    });
    for (const name of ['a', 'b', 'c']) await world.start(name);
    world.log.length = 0;
    world.system.terminateShard('b');
    const last = strategy === 'oneForOne' ? 'ready b' : 'ready c';
    await world.until(last);
    const wanted = {
      oneForOne: ['exit b', 'ready b'],
      oneForAll: ['exit b', 'exit c', 'exit a', 'ready a', 'ready b', 'ready c'],
      restForOne: ['exit b', 'exit c', 'ready b', 'ready c'],
    };
    assert.equal(world.log, wanted[strategy]);
    assert.ok(await world.echo('c', 1));
    await world.system.stop();
  });
}

test('threads that die faster than the budget allows are fatal, once', async () => {
  const world = new ThreadWorld({
    supervision: { strategy: 'oneForOne', restartsMax: 2, periodMs: 60_000 },
  });
  await world.start('a');
  for (let death = 1; death <= 3; death++) {
    await world.until('ready a', death);
    world.system.terminateShard('a');
  }
  await world.until('fatal');
  assert.is((world.fatal[0] as { code?: string }).code, 'RESTARTS_EXCEEDED');
  assert.equal(world.ready, ['a#0', 'a#1', 'a#2']);
  assert.not(world.system.ref<EchoMessage>('a', 'echo').tell({ kind: 'stop' }));
  await world.system.stop();
  assert.is(world.fatal.length, 1);
});

test('a replacement that does not start uses the budget up too', async () => {
  const world = new ThreadWorld({
    supervision: { strategy: 'oneForOne', restartsMax: 2, periodMs: 60_000 },
  });
  await world.start('a', {
    roots: (attempt) => [{ id: 'r', actor: attempt === 0 ? 'echo' : 'failing', config: {} }],
  });
  world.system.terminateShard('a');
  await world.until('fatal');
  assert.is(world.exits.length, 3);
  const cause = world.fatal[0]?.cause as { code?: string; cause?: { code?: string } };
  assert.is(cause.code, 'START_FAILED');
  assert.is(cause.cause?.code, 'DISK_MISSING', 'the first cause crosses the thread');
  await world.system.stop();
});

test('a hook that throws is fatal', async () => {
  const world = new ThreadWorld({
    onShardExit: () => {
      throw new Error('cannot unmap');
    },
  });
  await world.start('a');
  world.system.terminateShard('a');
  await world.until('fatal');
  assert.is(world.fatal[0]?.message, 'cannot unmap');
  await world.system.stop();
});

test('a first start that fails is reported with its cause and leaves nothing behind', async () => {
  const world = new ThreadWorld();
  const start = (actor: string, config: unknown): Promise<string> =>
    codeOf(world.start('a', { roots: [{ id: 'r', actor, config }] }));
  assert.is(await start('failing', { how: 'throw' }), 'START_FAILED');
  assert.is(await start('failing', { how: 'exit' }), 'THREAD_ENDED');
  assert.is(await start('nobody', {}), 'ACTOR_UNKNOWN');
  const missing = new URL('./no-such-registry.js', import.meta.url);
  assert.is(await codeOf(world.start('a', { registryUrl: missing })), 'ERR_MODULE_NOT_FOUND');
  assert.equal((await world.system.inspect()).shards, []);
  await world.start('a');
  assert.is(await codeOf(world.start('a')), 'ID_IN_USE');
  assert.is(await codeOf(world.start('root')), 'ID_IN_USE');
  await world.system.stop();
  assert.equal(world.fatal, []);
});

test('a shard that is stopped while it starts says so to who waits for the start', async () => {
  const world = new ThreadWorld();
  const started = codeOf(world.start('a'));
  await world.system.stop();
  assert.is(await started, 'THREAD_ENDED');
});

test('a shard that does not stop in time is ended, and only that', async () => {
  for (const blocks of [false, true]) {
    const world = new ThreadWorld();
    const roots = [{ id: 's', actor: 'stubborn', config: { blocks }, shutdownMs: 60_000 }];
    await world.start('a', { roots, shutdownMs: 50 });
    await world.system.stopShard('a');
    assert.is(world.exits[0]?.code, 1);
    assert.ok(world.exits[0]?.isOrdered);
    assert.equal((await world.system.inspect()).shards, []);
    await world.system.stop();
  }
});

test('a watch tells when an actor of another thread has stopped, or its thread has ended', async () => {
  const world = new ThreadWorld();
  await world.start('a', {
    roots: [
      { id: 'echo', actor: 'echo', config: {}, restart: 'transient' },
      { id: 'long', actor: 'echo', config: {} },
    ],
  });
  const watch = (id: string): Promise<void> =>
    new Promise((resolve) => {
      world.system.shard.watch(world.system.ref('a', id), resolve);
    });
  const stopped = watch('echo');
  const killed = watch('long');
  world.system.ref<EchoMessage>('a', 'echo').tell({ kind: 'stop' });
  await stopped;
  await watch('never existed');
  world.system.terminateShard('a');
  await killed;
  await watch('long');
  await world.system.stop();
});

test('inspect shows every thread with its actors and counters', async () => {
  const world = new ThreadWorld();
  await world.start('a');
  await world.echo('a', 1);
  await world.echo('a', 2);
  world.system.ref('a', 'nobody').tell(0 as never);
  await world.echo('a', 3);
  const { root, shards } = await world.system.inspect();
  assert.is(root.shard, 'root');
  const [a] = shards;
  assert.is(a?.state, 'running');
  assert.is(a?.tree?.thread?.threadId, a?.threadId);
  assert.ok((a?.tree?.thread?.heapUsedBytes ?? 0) > 0);
  assert.is(a?.tree?.deadLetters, 1);
  const echo = a?.tree?.root.children[0];
  assert.equal(
    [echo?.id, echo?.actor, echo?.state, echo?.handled, echo?.mailbox, echo?.facts],
    ['echo', 'echo', 'running', 3, 0, { label: 'a!' }],
  );
  await world.system.stop();
});

test('a root started later is started again in the replacement; settings reach the registry', async () => {
  const world = new ThreadWorld();
  await world.start('a', { roots: [] });
  const root = { id: 'echo', actor: 'echo', config: { label: 'later' } };
  await world.system.startRoot('a', root);
  assert.is(await codeOf(world.system.startRoot('a', root)), 'ID_IN_USE');
  await world.system.configure('a', { level: 'debug' });
  assert.is(await codeOf(world.system.configure('a', 'bad')), 'Error: bad settings');
  world.system.terminateShard('a');
  await world.until('ready a', 2);
  assert.equal(await world.echo('a', 0), { value: 0, label: 'later', shard: 'a' });
  await world.system.stop();
});

test('a root that is kept starts at once, or with the replacement; a forgotten one does not start again', async () => {
  const world = new ThreadWorld();
  await world.start('a', { roots: [] });
  const root = (id: string) => ({ id, actor: 'echo', config: { label: id } });
  await world.system.keepRoot('a', root('echo'));
  assert.is(((await world.echo('a', 0)) as { label?: string }).label, 'echo');
  world.system.terminateShard('a');
  await world.system.keepRoot('a', root('late'));
  assert.is(world.system.isRunning('nobody'), false);
  await world.until('ready a', 2);
  const idsOf = async (): Promise<string[] | undefined> => {
    const { shards } = await world.system.inspect();
    return shards[0]?.tree?.root.children.map(({ id }) => id);
  };
  assert.equal((await idsOf())?.sort(), ['echo', 'late']);
  assert.is(world.system.isRunning('a'), true);
  world.system.forgetRoot('a', 'late');
  world.system.terminateShard('a');
  await world.until('ready a', 3);
  assert.equal(await idsOf(), ['echo']);
  await world.system.stop();
});
