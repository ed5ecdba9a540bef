import * as assert from 'uvu/assert';
import { PullWork } from '../../src/broker/pull-work.ts';
import { suite } from '../support/suite.ts';

const test = suite('pull work');

test('a clone keeps what was asked when the original is used for the next request', () => {
  const work = new PullWork();
  Object.assign(work, { opaque: 5, queueOffset: 7, maxMessages: 32, waitUntilMs: 100 });
  const clone = work.clone();
  assert.equal(clone, work);
  Object.assign(work, { opaque: 6, queueOffset: 8, isHit: true });
  assert.equal([clone.opaque, clone.queueOffset, clone.isHit, clone.kind], [5, 7, false, 'pull']);
});
