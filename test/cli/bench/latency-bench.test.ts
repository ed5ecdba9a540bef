import * as assert from 'uvu/assert';
import type { BenchResult } from '../../../src/cli/bench/bench-result.ts';
import { freePort } from '../../support/free-ports.ts';
import { suite } from '../../support/suite.ts';
import { spawnCommand } from './bench-child.ts';
import { bench, createTopic, untilLoaded, withServers } from './bench-servers.ts';

const test = suite('latency bench');
const STALL_MS = 700;

const partOf = (result: BenchResult) => {
  const part = result.parts?.[0];
  assert.is(part?.name, 'send to receipt');
  return { messages: part?.messages ?? 0, max: part?.latencyUs?.max ?? 0, ...part };
};

const slowerThan = (us: number, buckets: BenchResult['histogram'] = []): number =>
  buckets.reduce((sum, { low, count }) => sum + (low >= us ? count : 0), 0);

test(
  'every message is timed to its acknowledgement and to its arrival, whatever is stored already',
  () =>
    withServers(async (servers) => {
      await createTopic(servers, 'Timed');
      const to = ['-t', 'Timed', '-n', servers.namesrvAddr];
      const before = await bench('producer', '-q', '500', ...to);
      assert.is(before.code, 0, before.err);
      for (const extra of [
        ['--connections', '2'],
        ['--serialize', 'ROCKETMQ'],
      ]) {
        const args = ['--rate', '400', '-q', '400', '--json', ...extra, ...to];
        const ended = await bench('latency', ...args);
        assert.is(ended.code, 0, ended.err);
        const result = JSON.parse(ended.out) as BenchResult;
        const part = partOf(result);
        assert.equal([result.kind, result.messages, part.messages], ['latency', 400, 400]);
        assert.ok((part.latencyUs?.p50 ?? 0) > 0);
        assert.ok(result.latencyUs.p9999 <= result.latencyUs.max);
      }
      const shown = await bench('latency', '--rate', '200', '--warm', '1', '--seconds', '1', ...to);
      assert.is(shown.code, 0, shown.err);
      assert.match(shown.out, /^send to acknowledgement: p50 .* p99\.99 .*, max /m);
      assert.match(shown.out, /^send to receipt: latency: p50 .* p99\.99 .*, max /m);
      const counts = shown.out.match(/^latency: (\d+) messages|^send to receipt: (\d+)/gm) ?? [];
      assert.is(counts.length, 2);
      for (const text of counts) {
        const count = Number(text.match(/\d+/)?.[0]);
        assert.ok(count >= 150 && count <= 300, text);
      }
    }),
  60_000,
);

test(
  'a broker that stands still is charged with every message it kept waiting',
  () =>
    withServers(async (servers) => {
      await createTopic(servers, 'Stalls');
      const args = ['-t', 'Stalls', '-n', servers.namesrvAddr, '-w', '4', '--json'];
      const load = spawnCommand(['bench', 'latency', '--rate', '200', '-q', '500', ...args]);
      await untilLoaded(servers, 'Stalls');
      servers.child.signal('SIGSTOP');
      await new Promise((done) => setTimeout(done, STALL_MS));
      servers.child.signal('SIGCONT');
      const { code, out, err } = await load.ended;
      assert.is(code, 0, err);
      const result = JSON.parse(out) as BenchResult;
      const part = partOf(result);
      // Four in flight would be all that a closed loop sees; here each message due in the stall has its own delay.
      const waitedMs = STALL_MS / 2;
      const waiting = Math.floor(((STALL_MS - waitedMs) / 1000) * 200 * 0.8);
      assert.ok(result.latencyUs.max >= waitedMs * 1000, String(result.latencyUs.max));
      assert.ok(slowerThan(waitedMs * 1000, result.histogram) >= waiting, out.slice(0, 600));
      assert.ok(slowerThan(waitedMs * 1000, part.histogram) >= waiting, out.slice(0, 600));
      assert.equal([result.messages, part.messages], [500, 500]);
    }),
  60_000,
);

test(
  'a broker that dies in the middle ends it with what it measured, and so does Ctrl-C',
  () =>
    withServers(async (servers) => {
      await createTopic(servers, 'Dies');
      const args = ['bench', 'latency', '-t', 'Dies', '-n', servers.namesrvAddr];
      const stopped = spawnCommand(args);
      await untilLoaded(servers, 'Dies');
      stopped.child.kill('SIGINT');
      const interrupted = await stopped.ended;
      assert.is(interrupted.code, 0, interrupted.err);
      assert.match(interrupted.out, /^send to receipt: [1-9][\d,]* messages/m);
      const load = spawnCommand([...args, '--rate', '2000']);
      await untilLoaded(servers, 'Dies', 500);
      await servers.child.kill9();
      const { code, out, err } = await load.ended;
      assert.is(code, 1);
      assert.match(out, /^latency: [1-9][\d,]* messages in /m);
      assert.match(out, /^send to receipt: [1-9][\d,]* messages/m);
      assert.match(err, /saturnmq: 127\.0\.0\.1:\d+ (closed the connection|is gone)/);
    }),
  60_000,
);

test(
  'wrong addresses, topics and sizes end it at once, with what to look at',
  () =>
    withServers(
      async ({ namesrvAddr, brokerAddr }) => {
        const dead = `127.0.0.1:${await freePort()}`;
        const expectations: readonly (readonly [readonly string[], RegExp])[] = [
          [['-n', dead], /no name server answers .*is a name server listening there\?/],
          [['--broker', dead], /cannot connect to .*is a broker listening there\?/],
          [['-n', brokerAddr], /-n takes its address, --broker that of a broker/],
          [['--broker', namesrvAddr], /answered REQUEST_CODE_NOT_SUPPORTED \(3\)/],
          [['-t', 'Nowhere', '-n', namesrvAddr], /Nowhere.*"saturnmq topic create"/],
          [['-t', 'Nowhere', '--broker', brokerAddr], /answered TOPIC_NOT_EXIST \(17\)/],
          [['-s', '15'], /--messageSize takes at least 16/],
        ];
        for (const [args, pattern] of expectations) {
          const { code, err } = await bench('latency', ...args, '--timeout', '1000');
          assert.is(code, 1, args.join(' '));
          assert.match(err, pattern);
        }
      },
      { autoCreateTopicEnable: 'false' },
    ),
  60_000,
);
