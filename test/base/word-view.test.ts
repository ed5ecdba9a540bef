import * as assert from 'uvu/assert';
import { WordView } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('word view');

test('the words are those of the buffer shown last', () => {
  const view = new WordView();
  assert.is(view.words.byteLength, 0);
  const whole = Buffer.from('00000001000000020000000300000004', 'hex');
  assert.is(view.show(whole).getInt32(4), 2);
  assert.is(view.show(whole), view.words, 'the same buffer needs no new view');
  const part = whole.subarray(8, 12);
  assert.is(view.show(part).getInt32(0), 3);
  assert.throws(() => view.words.getInt32(1), RangeError);
  view.words.setInt32(0, 7);
  assert.is(whole.readInt32BE(8), 7);
});
