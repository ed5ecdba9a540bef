import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { BenchResult } from '../../../src/cli/bench/bench-result.ts';
import { measureNode } from '../../../src/cli/bench/embedded-bench.ts';
import type { PartsRun } from '../../../src/cli/bench/embedded-parts.ts';
import { askControl, startNode } from '../../../src/node/index.ts';
import { embedOptions, withEmbedded } from '../../node/embed/embed-fixture.ts';
import { withFolder } from '../../node/node-fixture.ts';
import { eventually } from '../../support/eventually.ts';
import { suite } from '../../support/suite.ts';
import { spawnCommand, startServers } from './bench-child.ts';
import { bench } from './bench-servers.ts';
import { goesOn, smallRun } from './embedded-fixture.ts';

const test = suite('embedded bench');
const LIMIT_MS = 60_000;
const SMALL = ['embedded', '-q', '200', '-w', '20', '-b', '5', '--batches', '2'];

test(
  'everything is measured in one process, saved and compared, and the temporary store goes',
  () =>
    withFolder(async (folder) => {
      const temporary = join(folder, 'tmp');
      mkdirSync(temporary);
      const environment = { TMPDIR: temporary, SATURNMQ_BENCH: join(folder, 'runs') };
      const run = (...args: string[]) => spawnCommand(['bench', ...args], environment).ended;
      const first = await run(...SMALL, '--json', '--save=one', '--spinUs', '20');
      assert.is(first.code, 0, first.err);
      const result = JSON.parse(first.out) as BenchResult;
      assert.equal([result.kind, result.messages, result.options['spinUs']], ['embedded', 200, 20]);
      assert.equal(
        result.parts?.map(({ name, messages }) => [name, messages]),
        [
          ['batches', 1000],
          ['pull consumer', 1000],
          ['push consumer', 200],
          ['one send at a time', 200],
        ],
      );
      assert.ok((result.parts?.at(-1)?.latencyUs?.p50 ?? 0) > 0);
      const shown = await run(...SMALL, '--flush', 'SYNC_FLUSH', '--save=two');
      assert.is(shown.code, 0, shown.err);
      assert.match(shown.out, /^embedded: 200 messages in /m);
      assert.match(shown.out, /^one send at a time: latency: p50 .* p99\.99 /m);
      assert.match(shown.out, /█/);
      const compared = await run('compare', 'one', 'two');
      assert.match(compared.out, /^flush +ASYNC_FLUSH +SYNC_FLUSH/m);
      assert.match(compared.out, /^one send at a time:\n {2}messages\/s +\d/m);
      assert.equal(readdirSync(temporary), []);
    }),
  LIMIT_MS,
);

test(
  'a store that is given stays, without the topics of the bench, and serves again',
  () =>
    withFolder(async (folder) => {
      const store = join(folder, 'store');
      for (let round = 0; round < 2; round++) {
        const { code, err } = await bench(...SMALL, '--store', store, '--json');
        assert.is(code, 0, err);
      }
      assert.ok(existsSync(join(store, 'commitlog')));
      const servers = await startServers(store);
      const listed = await spawnCommand(['topic', 'list', '-n', servers.namesrvAddr]).ended;
      await servers.child.kill9();
      assert.match(listed.out, /^TBW102$/m);
      assert.not.match(listed.out, /bench_embedded/);
    }),
  LIMIT_MS,
);

test(
  'Ctrl-C ends it with what it measured, and the temporary store goes',
  () =>
    withFolder(async (folder) => {
      const args = ['bench', 'embedded', '--seconds', '60', '--warm', '0'];
      const load = spawnCommand(args, { TMPDIR: folder });
      const hasStored = async (): Promise<boolean> =>
        readdirSync(folder).some((name) => {
          const queues = join(folder, name, 'store', 'consumequeue');
          return existsSync(queues) && readdirSync(queues).some((topic) => /_single$/.test(topic));
        });
      assert.ok(await eventually(hasStored, Boolean, 20_000));
      load.child.kill('SIGINT');
      const { code, out, err } = await load.ended;
      assert.is(code, 0, err);
      assert.match(out, /^embedded: [1-9][\d,]* messages in /m);
      assert.not.match(out, /^batches …/m);
      assert.equal(readdirSync(folder), []);
    }),
  LIMIT_MS,
);

test(
  'Ctrl-C while the node opens leaves no temporary store, and neither does a second one at any time',
  () =>
    withFolder(async (folder) => {
      const hasFolder = async (): Promise<boolean> => readdirSync(folder).length > 0;
      for (const isImpatient of [false, true]) {
        const args = ['bench', 'embedded', '--seconds', '60'];
        const load = spawnCommand(args, { TMPDIR: folder });
        assert.ok(await eventually(hasFolder, Boolean, 20_000));
        load.child.kill('SIGINT');
        const again = setInterval(() => isImpatient && load.child.kill('SIGINT'), 50);
        const { code, err } = await load.ended;
        clearInterval(again);
        assert.is(code, isImpatient ? 130 : 1, err);
        if (!isImpatient)
          assert.match(err, /^saturnmq: single sends: it ended within its warm-up/m, err);
        assert.equal(readdirSync(folder), []);
      }
    }),
  LIMIT_MS,
);

test(
  'a problem names the measurement in which it came up',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const onPart: PartsRun['onPart'] = (name) => {
        if (name === 'batches') throw new Error('no more');
        return () => undefined;
      };
      const run = { embedded: smallRun, prefix: 'p', onPart };
      const { parts, problem } = await measureNode(node, run, goesOn);
      assert.equal([parts.length, problem], [1, 'batches: no more']);
    }),
  LIMIT_MS,
);

test(
  'a thread of the node that dies in the middle ends it with what it measured',
  () =>
    withFolder(async (folder) => {
      const controlPath = join(folder, 'control.sock');
      const facts = { listen: false, controlPath, faults: true } as const;
      const node = await startNode(embedOptions(join(folder, 'store'), facts));
      let isAsked = false;
      const onPart: PartsRun['onPart'] = () => (_seconds, recorder) => {
        if (isAsked || recorder.messages < 100) return;
        isAsked = true;
        void askControl(controlPath, { request: 'endHomeShard', argument: 'throw' });
      };
      const run = { embedded: { ...smallRun, quantity: 0, seconds: 50 }, prefix: 'p', onPart };
      const { parts, problem } = await measureNode(node, run, goesOn);
      assert.match(problem ?? '', /^single sends: the thread of the broker died/);
      assert.is(parts.length, 1);
      assert.ok((parts[0]?.recorder.messages ?? 0) >= 100);
      await node.close();
    }),
  LIMIT_MS,
);

test(
  'what makes no sense, and stores that cannot be used, end it at once',
  () =>
    withFolder(async (folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      const busy = join(folder, 'busy');
      const servers = await startServers(busy);
      const expectations: readonly (readonly [readonly string[], RegExp])[] = [
        [['--store', busy], /already|in use|another/i],
        [['--store', join(file, 'store')], /file|folder|directory/i],
        [['--store', ''], /--store takes a folder/],
        [['--flush', 'NEVER'], /--flush takes ASYNC_FLUSH or SYNC_FLUSH, not "NEVER"/],
        [['-b', '1'], /--batchSize takes a number from 2/],
        [['--spinUs', '-1'], /spinUs/],
        [['-n', '127.0.0.1:9876'], /Unknown option '-n'/],
      ];
      try {
        for (const [args, pattern] of expectations) {
          const { code, out, err } = await bench('embedded', ...args);
          assert.is(code, 1, args.join(' '));
          assert.match(err, pattern);
          assert.is(out, '');
        }
      } finally {
        await servers.child.kill9();
      }
    }),
  LIMIT_MS,
);

test(
  'messages that the broker refuses end it with the reason and the failures',
  async () => {
    const { code, out, err } = await bench('embedded', '-s', '5000000', '-w', '2', '--json');
    assert.is(code, 1);
    const result = JSON.parse(out) as BenchResult;
    assert.ok(result.sendFailed + result.responseFailed > 0);
    assert.match(err, /single sends: /);
  },
  LIMIT_MS,
);
