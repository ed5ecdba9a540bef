import * as assert from 'uvu/assert';
import { STAMP_BYTES, Stamp } from '../../../src/cli/bench/stamp.ts';
import { suite } from '../../support/suite.ts';

const test = suite('stamp');

test('the time comes back to the fraction, wherever it stands', () => {
  const stamp = new Stamp();
  const target = Buffer.alloc(64);
  stamp.write(target, 7, 1234.5678);
  assert.is(stamp.read(target, 7, STAMP_BYTES), 1234.5678);
  stamp.write(target, 7, 0);
  assert.is(stamp.read(target, 7, 40), 0);
});

test('messages of other runs, and short ones, have none', () => {
  const stamp = new Stamp(Buffer.from('aaaaaaaa'));
  const target = Buffer.alloc(64);
  new Stamp(Buffer.from('aaaaaaab')).write(target, 0, 5);
  assert.is(stamp.read(target, 0, STAMP_BYTES), -1);
  stamp.write(target, 0, 5);
  assert.is(stamp.read(target, 0, STAMP_BYTES - 1), -1);
});
