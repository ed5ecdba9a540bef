import * as assert from 'uvu/assert';
import { writeBinaryHeader } from '../../src/protocol/header-binary.ts';
import { type ExtFields, RequestView, SLOT } from '../../src/protocol/index.ts';
import { scanBinaryHeader } from '../../src/protocol/scan-binary.ts';
import { suite } from '../support/suite.ts';

const test = suite('scan binary');

const headerOf = (code: number, extFields: ExtFields): Buffer =>
  writeBinaryHeader({
    code,
    language: 9,
    version: 397,
    opaque: -5,
    flag: 2,
    remark: 'why',
    extFields,
  });

const scan = (header: Buffer): RequestView | undefined => {
  const view = new RequestView();
  view.buffer = header;
  view.headerEnd = header.length;
  view.reset();
  return scanBinaryHeader(view) ? view : undefined;
};

test('fixed fields and named fields are found', () => {
  const view = scan(headerOf(11, { topic: 'T', unknown: 'x', queueOffset: '12', a: 'not here' }));
  assert.ok(view);
  assert.equal(
    [view.code, view.language, view.version, view.opaque, view.flag],
    [11, 9, 397, -5, 2],
  );
  assert.is(view.string(SLOT.topic), 'T');
  assert.is(view.int64(SLOT.queueOffset, 0), 12);
  assert.is(view.has(SLOT.producerGroup), false);
});

test('short names count under the codes that have them, and only there', () => {
  assert.is(scan(headerOf(310, { b: 'short', topic: 'long' }))?.string(SLOT.topic), 'short');
  assert.is(scan(headerOf(10, { topic: 'long', b: 'short' }))?.string(SLOT.topic), 'long');
});

test('a header that is cut anywhere is malformed', () => {
  const header = headerOf(11, { topic: 'T' });
  for (let length = 0; length < header.length; length++) {
    assert.is(scan(header.subarray(0, length)), undefined, String(length));
  }
});

test('lengths that lie are malformed, negative ones count as none where Java says so', () => {
  const header = headerOf(11, { topic: 'T' });
  const withInt = (at: number, value: number): Buffer => {
    const changed = Buffer.from(header);
    changed.writeInt32BE(value, at);
    return changed;
  };
  assert.is(scan(withInt(13, 0x7fffffff)), undefined);
  assert.ok(scan(withInt(20, -1)), 'fields of negative length are none');
  assert.is(scan(withInt(20, 0x7fffffff)), undefined);
  assert.is(scan(withInt(31, -1)), undefined, 'a value of negative length');
});
