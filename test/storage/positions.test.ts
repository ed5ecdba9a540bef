import * as assert from 'uvu/assert';
import { LogPositions, readPositions } from '../../src/storage/positions.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/positions');

test('L1: flushed does not pass appended', () => {
  const positions = new LogPositions();
  positions.appended = 100;
  positions.setFlushed(100);
  assert.throws(() => positions.setFlushed(101), /L1/);
});

test('L2: indexed ≤ dispatched ≤ appended', () => {
  const positions = new LogPositions();
  positions.appended = 100;
  assert.throws(() => positions.setDispatched(101), /L2/);
  positions.setDispatched(60);
  assert.throws(() => positions.setIndexed(61), /L2/);
  positions.setIndexed(60);
});

test('L4: nothing moves back', () => {
  const positions = new LogPositions();
  positions.appended = 100;
  positions.setFlushed(50);
  positions.setDispatched(50);
  positions.setIndexed(50);
  assert.throws(() => positions.setFlushed(49), /L4/);
  assert.throws(() => positions.setDispatched(49), /L2/);
  assert.throws(() => positions.setIndexed(49), /L2/);
});

test('others see what was published, and only that', () => {
  const positions = new LogPositions();
  positions.appended = 2 ** 40;
  positions.setDispatched(7);
  assert.is(readPositions(positions.memory).appended, 0);
  positions.publish();
  assert.equal(readPositions(positions.memory), {
    appended: 2 ** 40,
    dispatched: 7,
    flushed: 0,
    indexed: 0,
    minimum: 0,
    storeTimestamp: 0,
  });
});
