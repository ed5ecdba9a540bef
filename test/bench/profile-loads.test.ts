import * as assert from 'uvu/assert';
import { kindOf, loadOf, rowsOf, warmUpOf } from '../../bench/profile/loads.ts';
import { suite } from '../support/suite.ts';

const test = suite('loads of the profiles');

test('a send warms up with its own load, a pull with the backlog it reads', () => {
  assert.equal(loadOf('send-8x32')(3).slice(2), [8, 32, 128, 3, 1]);
  assert.equal(warmUpOf('send-8x32'), loadOf('send-8x32')(1));
  assert.is(kindOf('pull'), 'pull');
  assert.equal(warmUpOf('pull'), loadOf('batch')(2));
  assert.is(loadOf('pull')(3)[0], warmUpOf('pull')[0]);
});

test('a row that is not there is named', () => {
  assert.equal(rowsOf('batch,pull'), ['batch', 'pull']);
  for (const name of ['fastest', 'toString'])
    assert.throws(() => rowsOf(`pull,${name}`), new RegExp(`send-1x64.*not ${name}`));
});
