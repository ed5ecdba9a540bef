import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { createChannelLogger, LOG_RECORDS_MAX, LogReceiver } from '../../src/node/log-channel.ts';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';

const test = suite('log channel');
const LIMIT_MS = 30_000;

const recorder = () => {
  const lines: [level: string, facts: object, message: string][] = [];
  const write = (level: string) => (facts: object, message: string) =>
    void lines.push([level, facts, message]);
  const logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  return { lines, logger };
};

const arrived = (lines: readonly unknown[], count: number): Promise<number> =>
  eventually(
    async () => lines.length,
    (found) => found >= count,
    10_000,
  );

test(
  'records arrive in order with their bindings, from their level on',
  async () => {
    const { lines, logger } = recorder();
    const receiver = new LogReceiver(`test-${randomUUID()}`, 'info', logger);
    const sender = createChannelLogger(receiver.options, { shard: 's' });
    sender.debug({}, 'too fine');
    sender.info({ n: 1 }, 'first');
    sender.child({ more: true }).error({}, 'second');
    await arrived(lines, 2);
    receiver.close();
    assert.equal(lines, [
      ['info', { shard: 's', n: 1 }, 'first'],
      ['error', { shard: 's', more: true }, 'second'],
    ]);
  },
  LIMIT_MS,
);

test(
  'facts that cannot be copied are told in words, and a receiver that is blocked loses records beyond a limit',
  async () => {
    const { lines, logger } = recorder();
    const receiver = new LogReceiver(`test-${randomUUID()}`, 'debug', logger);
    const sender = createChannelLogger(receiver.options, {});
    sender.warn({ why: () => 5 }, 'a function');
    for (let count = 0; count < LOG_RECORDS_MAX + 100; count++) sender.debug({}, 'many');
    await arrived(lines, LOG_RECORDS_MAX);
    assert.is(lines.length, LOG_RECORDS_MAX);
    assert.equal(lines[0]?.[1], { why: '() => 5' });
    sender.info({}, 'again');
    await arrived(lines, LOG_RECORDS_MAX + 1);
    assert.is(lines.at(-1)?.[2], 'again');
    receiver.close();
  },
  LIMIT_MS,
);
