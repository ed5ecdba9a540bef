// What the machine refuses an embedded node: a disk to write to, memory. Each is a typed error that names a remedy, comes
// again when it is tried again, and leaves nothing.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Producer } from '../../../src/client/index.ts';
import { askControl, startNode } from '../../../src/node/index.ts';
import { mountNamespace, smallDiskProblem } from '../../storage/real-fixture.ts';
import { suite } from '../../support/suite.ts';
import { failureOf, mappingsBelow, withFolder } from '../node-fixture.ts';
import type { Attempt } from './bad-input.child.ts';
import { embedOptions } from './embed-fixture.ts';

const test = suite('hostile machine');
const LIMIT_MS = 120_000;
const CHILD = new URL('./bad-input.child.js', import.meta.url).pathname;
const NODE = process.execPath;
const ATTEMPTS = 3;
const TOPICS = 40_000;
const HEAP_MAX_MIB = 24;
/** Enough for Node itself, and not for the threads of a node. */
const ADDRESSES_KIB = 3 * 1024 * 1024;

const attemptsOf = (command: string, args: readonly string[]): readonly Attempt[] => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  assert.is(status, 0, `${stdout}${stderr}`.slice(0, 2000));
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Attempt);
};

/** Every attempt failed with `code`, said `words`, and the last one left no more than the first. */
const assertRefused = (attempts: readonly Attempt[], code: string, words: string): void => {
  for (const { name, code: found, message } of attempts) {
    assert.equal([name, found], ['NodeError', code], message);
    assert.ok(message.includes(words), message);
  }
  const marks = attempts.map(({ left }) => left);
  const last = marks.at(-1) ?? [];
  const isNoMore = last.every((count, at) => count <= (marks[0]?.[at] ?? 0));
  assert.ok(isNoMore, JSON.stringify(marks));
  assert.is(last[2], 0, 'nothing stays mapped');
};

const REMEDY = 'Choose a storePath on a disk that this process may write to.';

const READ_ONLY = 'a file system that is read-only: new, empty and used folders';
const ON_READ_ONLY = `mount -t tmpfs -o size=64m none "$0" && mkdir "$0/empty" && "$1" "$2" make "$0/used" \
&& mount -o remount,ro "$0" && exec "$1" "$2" try - "$0/new" "$0/empty" "$0/used"`;
const onReadOnly = (folder: string): void => {
  const args = [...mountNamespace(), 'sh', '-c', ON_READ_ONLY, folder, NODE, CHILD];
  const attempts = attemptsOf('unshare', args);
  assert.is(attempts.length, 3 * ATTEMPTS);
  assertRefused(attempts, 'BAD_FOLDER', REMEDY);
  assertRefused(attempts, 'BAD_FOLDER', 'EROFS');
};
const problem = smallDiskProblem();
if (problem === undefined)
  test(READ_ONLY, () => withFolder(async (folder) => onReadOnly(folder)), LIMIT_MS);
else test.skip(READ_ONLY, problem);

/** As the owner of a folder; root is not asked for permissions unless it gives that right away. */
const unprivileged = (): readonly string[] =>
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : ['env'];

test(
  'folders without permission to write: the parent of a new store, an empty one, a used one',
  () =>
    withFolder(async (folder) => {
      const [locked, empty, used] = ['locked', 'empty', 'used'].map((name) => join(folder, name));
      assert.is(spawnSync(NODE, [CHILD, 'make', String(used)]).status, 0);
      mkdirSync(String(locked));
      mkdirSync(String(empty));
      for (const path of [locked, empty, used]) chmodSync(String(path), 0o555);
      const [command = '', ...options] = unprivileged();
      const folders = [join(String(locked), 'new'), String(empty), String(used)];
      const args = [...options, NODE, CHILD, 'try', '-', ...folders];
      const attempts = attemptsOf(command, args);
      for (const path of [locked, empty, used]) chmodSync(String(path), 0o755);
      assert.is(attempts.length, 3 * ATTEMPTS);
      assertRefused(attempts, 'BAD_FOLDER', REMEDY);
      assertRefused(attempts, 'BAD_FOLDER', 'EACCES');
    }),
  LIMIT_MS,
);

/** A store whose table of topics is too large for a small heap. */
const makeLargeStore = (folder: string): void => {
  const topic = { order: false, perm: 6, readQueueNums: 4, writeQueueNums: 4, topicSysFlag: 0 };
  const topics = Object.fromEntries(
    Array.from({ length: TOPICS }, (_, index) => {
      const topicName = `Topic${index}`;
      return [topicName, { ...topic, topicName, topicFilterType: 'SINGLE_TAG' }];
    }),
  );
  const dataVersion = { counter: 1, timestamp: 1_700_000_000_000 };
  mkdirSync(join(folder, 'config'), { recursive: true });
  const table = JSON.stringify({ dataVersion, topicConfigTable: topics });
  writeFileSync(join(folder, 'config', 'topics.json'), table);
};

test(
  "a store too large for the heap of the broker's thread, whoever limits it; with a larger one it starts",
  () =>
    withFolder(async (folder) => {
      makeLargeStore(folder);
      const own = attemptsOf(NODE, [CHILD, 'try', String(HEAP_MAX_MIB), folder]);
      assertRefused(own, 'OUT_OF_MEMORY', 'raise heapMaxMib');
      const flag = `--max-old-space-size=${HEAP_MAX_MIB}`;
      const ofProcess = attemptsOf(NODE, [flag, CHILD, 'try', '-', folder]);
      assertRefused(ofProcess, 'OUT_OF_MEMORY', '--max-old-space-size');
      const [enough] = attemptsOf(NODE, [CHILD, 'try', '512', folder]);
      assert.is(enough?.message, 'it started');
    }),
  LIMIT_MS,
);

test(
  "a running node whose broker's thread has too little memory again and again",
  () =>
    withFolder(async (folder) => {
      const controlPath = join(folder, 'control.sock');
      const options = embedOptions(join(folder, 'store'), {
        listen: false,
        heapMaxMib: HEAP_MAX_MIB,
        controlPath,
        faults: true,
        threadRestartsMax: 1,
      });
      // The second time its tables are on the disk, and nothing writes over the ones below.
      await (await startNode(options)).close();
      const node = await startNode(options);
      const producer = new Producer({ node, producerGroup: 'memory', sendTimeoutMs: 5_000 });
      await producer.start();
      const fatal = new Promise<Error>((resolve) => node.once('fatal', resolve));
      makeLargeStore(join(folder, 'store'));
      await askControl(controlPath, { request: 'endHomeShard', argument: 'throw' });
      const error = await fatal;
      assert.is((error as Error & { code?: unknown }).code, 'OUT_OF_MEMORY', error.message);
      assert.ok(error.message.includes('raise heapMaxMib'), error.message);
      const late = await failureOf(producer.send({ topic: 'Memory', body: 'late' }));
      assert.type(late.code, 'string', late.message);
      await producer.close();
      await node.close();
      assert.equal(mappingsBelow(folder), []);
    }),
  LIMIT_MS,
);

test(
  'too few addresses for the threads, which would end the process',
  () =>
    withFolder(async (folder) => {
      const limited = `ulimit -v ${ADDRESSES_KIB} && exec "$@"`;
      const attempts = attemptsOf('sh', ['-c', limited, 'sh', NODE, CHILD, 'try', '-', folder]);
      assertRefused(attempts, 'OUT_OF_MEMORY', 'ulimit -v');
    }),
  LIMIT_MS,
);
