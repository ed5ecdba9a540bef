import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { WordView } from '../../src/base/index.ts';
import { Literal } from '../../src/protocol/literal.ts';
import { suite } from '../support/suite.ts';

const test = suite('literal');

test('bytes of any length are written anywhere, and nothing around them', () => {
  const view = new WordView();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(9), (bytes, at) => {
      const target = Buffer.alloc(at + bytes.length + 5, 0xee);
      view.show(target);
      assert.is(new Literal(Buffer.from(bytes)).write(view, at), at + bytes.length);
      const expected = Buffer.alloc(target.length, 0xee);
      expected.set(bytes, at);
      assert.ok(target.equals(expected));
    }),
  );
});
