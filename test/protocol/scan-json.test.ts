import * as assert from 'uvu/assert';
import { RequestView, SLOT } from '../../src/protocol/index.ts';
import { scanJsonHeader, settleNames } from '../../src/protocol/scan-json.ts';
import { suite } from '../support/suite.ts';
import { pullHeader, sendHeader } from './frames.ts';

const test = suite('scan json');

const scan = (header: string): RequestView | undefined => {
  const view = new RequestView();
  view.buffer = Buffer.from(header);
  view.headerEnd = view.buffer.length;
  view.reset();
  return scanJsonHeader(view) ? view : undefined;
};

test('the usual form is scanned without the help of another reader', () => {
  assert.is(scan(sendHeader(1))?.string(SLOT.producerGroup), 'load');
  assert.is(scan(pullHeader(1, 42))?.int64(SLOT.queueOffset, 0), 42);
  assert.ok(scan('{"code":34}'), 'no fields');
  assert.ok(scan('{"code":34,"extFields":{}}\n'), 'a line end, as some writers leave');
  assert.ok(scan('{"remark":"a \\"b\\"","code":1}'));
});

test('short names count under the codes that have them, and only there', () => {
  const fields = '"extFields":{"b":"short"}';
  assert.is(scan(`{"code":310,${fields}}`)?.string(SLOT.topic), 'short');
  assert.is(scan(`{${fields},"code":310}`)?.string(SLOT.topic), 'short', 'the code may come last');
  assert.is(scan(`{"code":10,${fields}}`)?.string(SLOT.topic), undefined);
  const long = '"extFields":{"topic":"long","consumerGroup":"g"}';
  assert.is(scan(`{"code":310,${long}}`)?.string(SLOT.topic), undefined);
  assert.is(scan(`{"code":310,${long}}`)?.string(SLOT.consumerGroup), 'g');
});

test('of two fields with one name the last wins, escapes and all', () => {
  const view = scan('{"code":11,"extFields":{"topic":"\\u0061","topic":"T"}}');
  assert.is(view?.isPlain(SLOT.topic), true);
  assert.ok(view?.equals(SLOT.topic, Buffer.from('T')));
  assert.is(
    scan('{"code":11,"extFields":{"topic":"T","topic":"\\u0061"}}')?.string(SLOT.topic),
    'a',
  );
});

test('every other form is left to the tolerant reader', () => {
  for (const header of [
    '{ "code":1}',
    '{"code":"1"}',
    '{"code":1.0}',
    '{"code":99999999999}',
    '{"code":1,"extFields":{"topic":1}}',
    '{"code":1,"extFields":{"topic":null}}',
    '{"code":1,"extFields":{"t\\u006fpic":"x"}}',
    '{"code":1,"extFields":{"topic":"\\x41"}}',
    '{"code":1,"extFields":{"topic":"x"},"extFields":{"queueId":"1"}}',
    '{"code":1,"x":{}}',
    "{'code':1}",
    '{"code":1,}',
    '{"code":1',
    '{"code":1}x',
    '{"code":1,"extFields":{"topic":"x"',
    '{"code":1,"extFields":{"topic":"x\\',
    '',
  ]) {
    assert.is(scan(header), undefined, header);
  }
});

test('both names of one field at once are left to the tolerant reader', () => {
  const view = new RequestView();
  view.shortSeen = 1 << SLOT.topic;
  view.longSeen = 1 << SLOT.topic;
  assert.is(settleNames(view), false);
});
