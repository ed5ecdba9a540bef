import * as assert from 'uvu/assert';
import { segmentLength, storeInUse } from '../../src/storage/open-failure.ts';
import { suite } from '../support/suite.ts';

const test = suite('failures of opening');

test('a store in use names the holder as far as it is known, and the ways out', () => {
  const ways =
    /Stop that process, choose another folder with storePathRootDir, or connect to it by TCP/;
  for (const [holder, who] of [
    [undefined, 'another opener holds /s/lock'],
    [process.pid, `this process (${process.pid}) holds /s/lock`],
    [1, 'process 1 holds /s/lock'],
  ] as const) {
    const error = storeInUse('/s/lock', holder);
    assert.is(error.code, 'STORE_IN_USE');
    assert.is(error.retryable, true);
    assert.equal(error.details, { path: '/s/lock', holder });
    assert.ok(error.message.includes(who), error.message);
    assert.match(error.message, ways);
  }
});

test('a wrong length names both lengths and the setting', () => {
  const error = segmentLength('/s/000', 5, 10);
  assert.is(error.code, 'SEGMENT_LENGTH');
  assert.equal(error.details, { path: '/s/000', bytes: 5, expectedBytes: 10 });
  assert.match(error.message, /has 5 bytes, a segment has 10.*mappedFileSizeCommitLog/);
});
