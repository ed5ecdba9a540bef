import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as assert from 'uvu/assert';
import type { NodeEvents } from '../../../src/node/embed/node-options.ts';
import { NodeThread } from '../../../src/node/embed/node-thread.ts';
import { readLogOptions } from '../../../src/node/index.ts';
import { eventually } from '../../support/eventually.ts';
import { suite } from '../../support/suite.ts';
import { failureOf, threadCount, withFolder } from '../node-fixture.ts';
import { embedOptions } from './embed-fixture.ts';

const test = suite('node thread');
const LIMIT_MS = 60_000;

const threadOf = (
  storePath: string,
  events: (keyof NodeEvents)[] = [],
  onDied = (): void => void events.push('fatal'),
): NodeThread => {
  const { logger, ...options } = embedOptions(storePath, {
    broker: { waitTimeMillsInSendQueue: 5 },
  });
  assert.is(logger, false);
  return new NodeThread(
    { options, log: readLogOptions(2, { LOG_LEVEL: 'silent' }) },
    { onEvent: (event) => void events.push(event), onDied },
  );
};

test(
  'calls are answered, odd settings are told of, and a closed thread is gone',
  () =>
    withFolder(async (folder) => {
      const events: (keyof NodeEvents)[] = [];
      const before = threadCount();
      const thread = threadOf(folder, events);
      const { brokers, namesrvAddr } = await thread.call('start', undefined);
      assert.is(brokers.length, 1);
      assert.match(namesrvAddr, /:\d+$/);
      assert.ok(JSON.stringify(await thread.call('inspect', undefined)).includes('registrar'));
      await thread.close();
      assert.equal(events, ['warning']);
      assert.is(threadCount(), before);
    }),
  LIMIT_MS,
);

test(
  'a thread that is ended fails what waits for it, and is gone with all it started',
  () =>
    withFolder(async (folder) => {
      const before = threadCount();
      const thread = threadOf(join(folder, 'store'));
      const starting = failureOf(thread.call('start', undefined));
      await thread.terminate();
      assert.is((await starting).code, 'NODE_FAILED');
      assert.is((await failureOf(thread.call('inspect', undefined))).code, 'NODE_FAILED');
      await thread.close();
      assert.is(threadCount(), before);
    }),
  LIMIT_MS,
);

test(
  'a listener that throws at the end of a thread keeps nobody from closing it',
  () =>
    withFolder(async (folder) => {
      const thrown = new Promise<Error>((done) => process.once('uncaughtException', done));
      const thread = threadOf(folder, [], () => {
        throw new Error('of the application');
      });
      await thread.call('start', undefined);
      await thread.call('close', undefined); // It ends, and nobody has closed it here.
      assert.is((await thrown).message, 'of the application');
      await thread.close();
    }),
  LIMIT_MS,
);

test(
  'a thread that is ended while it closes has not closed in order',
  () =>
    withFolder(async (folder) => {
      const thread = threadOf(folder);
      await thread.call('start', undefined);
      const closing = failureOf(thread.close());
      await thread.terminate();
      assert.is((await closing).code, 'NODE_FAILED');
    }),
  LIMIT_MS,
);

test(
  'a thread that closed in order has done so, even where its end is heard of before its answer',
  () =>
    withFolder(async (folder) => {
      const before = threadCount();
      const thread = threadOf(folder);
      await thread.call('start', undefined);
      const closing = thread.close();
      await new Promise((done) => setImmediate(done));
      // The application is busy until the thread is gone: answer and exit wait together.
      const endMs = performance.now() + LIMIT_MS / 2;
      while (threadCount() > before && performance.now() < endMs);
      await closing;
    }),
  LIMIT_MS,
);

/** What a call answered, weakly. */
const answerOf = async (thread: NodeThread): Promise<WeakRef<object>> =>
  new WeakRef((await thread.call('inspect', undefined)) as object);

test(
  'nothing is kept of a call that was answered, however long the node lives',
  () =>
    withFolder(async (folder) => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      const thread = threadOf(join(folder, 'store'));
      await thread.call('start', undefined);
      const answer = await answerOf(thread);
      const isGone = await eventually(
        async () => {
          collect();
          return answer.deref() === undefined;
        },
        (gone) => gone,
        10_000,
      );
      assert.ok(isGone);
      await thread.close();
    }),
  LIMIT_MS,
);
