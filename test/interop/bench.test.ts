// Every kind of `saturnmq bench` that puts a broker under load, against Apache RocketMQ 4.9.2's own.
import * as assert from 'uvu/assert';
import type { BenchResult } from '../../src/cli/bench/bench-result.ts';
import { Admin } from '../../src/client/index.ts';
import { spawnCommand } from '../cli/bench/bench-child.ts';
import { interopSuite } from '../support/interop.ts';

const LIMIT_MS = 120_000;

interopSuite('interop: bench', (test, interop) => {
  const start = async (topic: string) => {
    const names = await interop.nameServer('java');
    const broker = await interop.broker('java', { namesrvAddr: names.address });
    const admin = new Admin({ namesrvAddr: names.address });
    await admin.start();
    await admin.createTopic(topic, { queueNums: 2 });
    await admin.close();
    const run = async (kind: string, ...args: string[]): Promise<BenchResult> => {
      const all = ['bench', kind, '-t', topic, '-n', names.address, '--json', ...args];
      const { code, out, err } = await spawnCommand(all).ended;
      assert.is(code, 0, `${kind}: ${err}`);
      return JSON.parse(out) as BenchResult;
    };
    return { run, broker, namesrvAddr: names.address };
  };

  test(
    'a Java broker stores, serves and times what each kind sends and reads',
    async () => {
      const { run } = await start('Load');
      assert.is((await run('producer', '-q', '1000', '-w', '8', '-k', 'true')).messages, 1000);
      const batch = await run('batch', '-q', '100', '-b', '10', '--serialize', 'ROCKETMQ');
      assert.is(batch.messages, 1000);
      for (const serialize of ['JSON', 'ROCKETMQ']) {
        const latency = await run(
          'latency',
          '-q',
          '300',
          '--rate',
          '300',
          '--serialize',
          serialize,
        );
        assert.equal([latency.messages, latency.parts?.[0]?.messages], [300, 300]);
      }
      for (const serialize of ['JSON', 'ROCKETMQ'])
        assert.is((await run('pull', '--serialize', serialize)).messages, 2600);
      const consumed = await run('consumer', '-q', '2600', '-g', 'readers', '-p', 'false');
      assert.is(consumed.messages, 2600);
    },
    LIMIT_MS,
  );

  test(
    'a Java broker that dies in the middle ends a run with what it measured',
    async () => {
      const { broker, namesrvAddr } = await start('Dies');
      const args = ['bench', 'latency', '-t', 'Dies', '-n', namesrvAddr, '--rate', '300'];
      const load = spawnCommand([...args, '--seconds', '60']);
      // Its line of ten seconds shows that it is under way.
      await new Promise<void>((done) => {
        load.child.stdout?.once('data', () => done());
        void load.ended.then(() => done());
      });
      await broker.kill9();
      const { code, out, err } = await load.ended;
      assert.is(code, 1, err);
      assert.match(out, /^send to receipt: [1-9][\d,]* messages/m);
      assert.match(err, /^saturnmq: 127\.0\.0\.1:\d+ (closed the connection|is gone)/m);
      // Every store has to be left clean.
      await broker.restart();
    },
    LIMIT_MS,
  );
});
