import * as assert from 'uvu/assert';
import { copyWords, WordView } from '../../src/base/index.ts';
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

test('a copy of any length and place is that of the bytes, and touches no other', () => {
  const source = new WordView();
  const target = new WordView();
  source.show(Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 37 + 11) & 0xff)));
  for (let length = 0; length <= 260; length++) {
    const start = length % 7;
    const at = (length % 5) + 1;
    target.show(Buffer.alloc(300, 0xee));
    const expected = Buffer.from(target.bytes);
    source.bytes.copy(expected, at, start, start + length);
    assert.is(copyWords(source, start, length, target, at), at + length);
    assert.ok(target.bytes.equals(expected), `${length} bytes`);
  }
});
