import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { RequestView, SLOT } from '../../src/protocol/index.ts';
import { scanJsonHeader } from '../../src/protocol/scan-json.ts';
import { Skeletons } from '../../src/protocol/skeleton.ts';
import { suite } from '../support/suite.ts';
import { frameOf, pullHeader, sendHeader } from './frames.ts';

const test = suite('skeleton');

/** The state after scanning, as far as a header can change it. */
const facts = (view: RequestView) => ({
  code: view.code,
  opaque: view.opaque,
  flag: view.flag,
  version: view.version,
  language: view.language,
  texts: Object.values(SLOT).map((slot) => view.string(slot)),
});

const scan = (view: RequestView, header: string) => {
  const frame = frameOf(header);
  return view.scan(frame, 0, frame.length) ? facts(view) : undefined;
};

test('K1: a header seen before means what a first look finds', () => {
  const topic = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 10 }),
    fc.constantFrom('\\u0041', '\\"', '"', '\\q', '\\u12', '","b":"x', ''),
  );
  const learned = new RequestView();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5, max: 1e9 }), topic), { maxLength: 6 }),
      (headers) => {
        for (const [opaque, text] of headers) {
          const header = sendHeader(opaque, text);
          assert.equal(scan(learned, header), scan(new RequestView(), header), header);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

/** Ends with a value, and nothing but braces behind it. */
const shortTail = (opaque: number, topic: string): string =>
  `{"code":310,"opaque":${opaque},"flag":0,"version":1,"extFields":{"a":"g","b":"${topic}"}}`;

test('K1: any change of a byte is noticed', () => {
  for (const headers of [
    [pullHeader(12345, 7)],
    [shortTail(1, 'first'), shortTail(12345, 'second')],
  ]) {
    const learned = new RequestView();
    for (const header of headers) scan(learned, header);
    const header = headers.at(-1) ?? '';
    for (let at = 0; at < header.length; at++) {
      for (const char of ['"', 'x', '}', '0', '\\']) {
        const changed = header.slice(0, at) + char + header.slice(at + 1);
        assert.equal(scan(learned, changed), scan(new RequestView(), changed), changed);
        assert.equal(scan(learned, header)?.opaque, 12345);
      }
    }
  }
});

test('K1: a header that is cut is noticed', () => {
  const learned = new RequestView();
  const header = sendHeader(1);
  scan(learned, header);
  for (let end = 0; end < header.length; end++) {
    assert.is(scan(learned, header.slice(0, end)), undefined, String(end));
  }
});

test('nothing of an earlier header shows in a later one', () => {
  const view = new RequestView();
  for (let round = 0; round < 10; round++) {
    assert.is(scan(view, sendHeader(round))?.opaque, round);
    assert.is(scan(view, '{"code":310,"version":1,"extFields":{"a":"x"}}')?.opaque, 0);
    assert.is(scan(view, pullHeader(round, round))?.texts[SLOT.producerGroup], undefined);
  }
});

test('K2: two clients that write one code differently are both read', () => {
  const view = new RequestView();
  const other = sendHeader(9).replace('"c":"TBW102",', '').replace('"h":"0"', '"c":"X","h":"0"');
  for (let round = 0; round < 30; round++) {
    assert.is(scan(view, sendHeader(round))?.texts[SLOT.defaultTopic], 'TBW102');
    assert.is(scan(view, other)?.texts[SLOT.defaultTopic], 'X');
  }
});

/** Whether a header fits a skeleton that is there; if not, it is learned. */
const isKnown = (skeletons: Skeletons, header: string): boolean => {
  const view = new RequestView();
  const frame = frameOf(header);
  view.scan(frame, 0, frame.length);
  view.reset();
  if (skeletons.match(view)) return true;
  view.reset();
  assert.ok(scanJsonHeader(view));
  skeletons.learn(view);
  return false;
};

test('K3: a value that changes costs one miss and none later', () => {
  const skeletons = new Skeletons();
  const topics = ['a', 'a', 'bb', 'ccc', 'a', '\\u0041'];
  const known = topics.map((topic, index) => isKnown(skeletons, sendHeader(index, topic)));
  assert.equal(known, [false, true, false, true, true, true]);
});

test('K3: after many misses of another client a value that changes takes several', () => {
  const skeletons = new Skeletons();
  const other = shortTail(1, 'x');
  isKnown(skeletons, sendHeader(0, 'a'));
  for (let round = 0; round < 20; round++) {
    assert.not(isKnown(skeletons, other));
    assert.ok(isKnown(skeletons, sendHeader(round, 'a')));
  }
  const known = ['b', 'c', 'd', 'e', 'f'].map((topic) => isKnown(skeletons, sendHeader(1, topic)));
  assert.equal(known, [false, false, false, false, true]);
});

test('K3: a header that ends with a value that changes is known too', () => {
  const skeletons = new Skeletons();
  const known = ['x', 'y', 'zz'].map((topic) => isKnown(skeletons, shortTail(7, topic)));
  assert.equal(known, [false, false, true]);
});

test('K3: values with escapes are found where they do not change', () => {
  const view = new RequestView();
  for (let round = 0; round < 3; round++) {
    assert.is(scan(view, sendHeader(round, '\\u0041'))?.texts[SLOT.topic], 'A');
    assert.is(scan(view, sendHeader(round, 'B'))?.texts[SLOT.topic], 'B');
  }
});

test('a frame in another buffer is read from there', () => {
  const view = new RequestView();
  const first = frameOf(sendHeader(1, 'first'));
  const second = Buffer.concat([Buffer.from('xyz'), frameOf(sendHeader(2, 'second'))]);
  for (let round = 0; round < 5; round++) {
    assert.ok(view.scan(first, 0, first.length));
    assert.is(view.string(SLOT.topic), 'first');
    assert.ok(view.scan(second, 3, second.length));
    assert.is(view.string(SLOT.topic), 'second');
  }
});
