import * as assert from 'uvu/assert';
import { parseArguments } from '../../../src/cli/arguments.ts';
import {
  BENCH_TABLES,
  boundsOf,
  embeddedOf,
  messagesOf,
  shareOption,
  wireOf,
} from '../../../src/cli/bench/bench-options.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bench options');
const parse = (kind: keyof typeof BENCH_TABLES, ...args: string[]) =>
  parseArguments(BENCH_TABLES[kind], args, 0);

test('the defaults are those of RocketMQ’s tools', () => {
  const bounds = boundsOf(parse('producer'));
  assert.equal(bounds, {
    topic: 'BenchmarkTest',
    seconds: 0,
    warmSeconds: 0,
    quantity: 0,
    rate: 0,
  });
  const { inFlight, bodyBytes, hasKeys, delayLevel } = messagesOf(parse('producer'), false);
  assert.equal([inFlight, bodyBytes, hasKeys, delayLevel], [64, 128, false, 0]);
  assert.is(messagesOf(parse('batch'), true).batchSize, 16);
});

test('RocketMQ’s options mean what they mean there', () => {
  const parsed = parse(
    'producer',
    ...['-t', 'T', '-w', '8', '-s', '1024', '-k', 'true', '-p', '50', '-l', '3', '-q', '1000'],
    ...['-d', 'true', '-e', '2', '-n', '127.0.0.1:1'],
  );
  assert.equal(messagesOf(parsed, false), {
    inFlight: 8,
    bodyBytes: 1024,
    batchSize: 1,
    hasKeys: true,
    hasUniqueKeys: false,
    propertyBytes: 50,
    tagCount: 3,
    delayLevel: 2,
  });
  assert.is(boundsOf(parsed).quantity, 1000);
});

test('headers, broker and connections can be chosen', () => {
  const wire = wireOf(parse('pull', '--serialize', 'rocketmq', '--broker', 'a:1', '--queues', '2'));
  assert.equal(wire, {
    broker: 'a:1',
    queues: 2,
    connections: undefined,
    timeoutMs: 3000,
    headerType: 1,
  });
});

test('values that make no sense are refused by name', () => {
  assert.throws(() => wireOf(parse('pull', '--serialize', 'xml')), /--serialize takes/);
  assert.throws(() => messagesOf(parse('producer', '-k', 'yes'), false), /--keyEnable takes/);
  assert.throws(() => messagesOf(parse('producer', '-w', '0'), false), /--threadCount takes/);
  assert.throws(() => shareOption(parse('consumer', '-r', '1.5'), 'failRate'), /from 0 to 1/);
  assert.throws(() => boundsOf(parse('producer', '--rate', '0')), /--rate takes/);
});

test('an embedded node is measured by time, or by a number of calls alone', () => {
  const { seconds, warmSeconds, quantity, spinUs, flush } = embeddedOf(parse('embedded'));
  assert.equal(
    [seconds, warmSeconds, quantity, spinUs, flush],
    [5, 1, 0, undefined, 'ASYNC_FLUSH'],
  );
  const counted = embeddedOf(parse('embedded', '-q', '10', '--flush', 'sync_flush'));
  assert.equal([counted.seconds, counted.warmSeconds, counted.quantity], [0, 0, 10]);
  assert.is(counted.flush, 'SYNC_FLUSH');
  assert.throws(() => embeddedOf(parse('embedded', '--flush', 'NEVER')), /--flush takes/);
  assert.throws(() => embeddedOf(parse('embedded', '--batches', '0')), /--batches takes/);
});
