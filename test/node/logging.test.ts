import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Logger } from '../../src/base/index.ts';
import type { LogLevel } from '../../src/node/logging.ts';
import { createLogger, readLogOptions } from '../../src/node/logging.ts';
import { suite } from '../support/suite.ts';

const test = suite('logging');

const written = (
  options: { level: LogLevel; isPretty: boolean },
  write: (logger: Logger) => void,
): string => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  try {
    write(createLogger({ fd, ...options }, { thread: 'home' }));
    // Read at once: what was logged before a crash must be on its way already.
    return readFileSync(path, 'utf8');
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
};

test('a line is one JSON object with facts, bindings and message, written at once', () => {
  const line = written({ level: 'info', isPretty: false }, (logger) =>
    logger.child({ topic: 'T' }).warn({ queueId: 3 }, 'slow'),
  );
  const { time, ...rest } = JSON.parse(line);
  assert.type(time, 'number');
  assert.equal(rest, { level: 40, thread: 'home', topic: 'T', queueId: 3, msg: 'slow' });
});

test('for a terminal it is text', () => {
  const line = written({ level: 'info', isPretty: true }, (logger) =>
    logger.info({ a: 1 }, 'hello'),
  );
  assert.ok(line.includes('hello') && line.includes('INFO'));
  assert.throws(() => JSON.parse(line));
});

test('levels below the wanted one are dropped', () => {
  assert.is(
    written({ level: 'warn', isPretty: false }, (logger) => logger.info({}, 'x')),
    '',
  );
});

test('LOG_LEVEL chooses the level; an unknown one is info', () => {
  assert.is(readLogOptions(2, { LOG_LEVEL: 'DEBUG' }).level, 'debug');
  assert.is(readLogOptions(2, { LOG_LEVEL: 'loud' }).level, 'info');
  assert.is(readLogOptions(2, {}).level, 'info');
});
