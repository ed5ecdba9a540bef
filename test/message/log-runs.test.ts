import * as assert from 'uvu/assert';
import {
  LOG_RUN_BYTES,
  logRunBytes,
  logRunOffset,
  logRunsBytes,
  writeLogRun,
} from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('log-runs');

test('a run is its offset in eight bytes and its length in four', () => {
  const target = Buffer.alloc(14, 0xff);
  assert.is(writeLogRun(target, 1, 0x1_0203_0405, 0x0a0b), 13);
  assert.is(target.toString('hex'), 'ff000000010203040500000a0bff');
  assert.is(logRunOffset(target, 1), 0x1_0203_0405);
  assert.is(logRunBytes(target, 1), 0x0a0b);
});

test('runs are summed up, and what is none is told', () => {
  const target = Buffer.alloc(3 * LOG_RUN_BYTES);
  writeLogRun(target, LOG_RUN_BYTES, 5 * 2 ** 40, 100);
  writeLogRun(target, 2 * LOG_RUN_BYTES, 7, 23);
  assert.is(logRunsBytes(target, LOG_RUN_BYTES, target.length), 123);
  assert.is(logRunsBytes(target, 0, 0), 0);
  assert.is(logRunsBytes(target, LOG_RUN_BYTES, target.length - 1), -1);
  assert.is(logRunsBytes(target, 0, target.length), -1, 'an empty run');
  writeLogRun(target, 0, -8, 10);
  assert.is(logRunsBytes(target, 0, target.length), -1, 'before the log');
  writeLogRun(target, 0, 8, -10);
  assert.is(logRunsBytes(target, 0, target.length), -1, 'a negative length');
});
