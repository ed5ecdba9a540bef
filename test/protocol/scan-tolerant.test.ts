import * as assert from 'uvu/assert';
import { RequestView, SLOT } from '../../src/protocol/index.ts';
import { scanTolerantly } from '../../src/protocol/scan-tolerant.ts';
import { suite } from '../support/suite.ts';

const test = suite('scan tolerant');

const scan = (header: string): RequestView | undefined => {
  const view = new RequestView();
  view.buffer = Buffer.from(header);
  view.headerEnd = view.buffer.length;
  view.reset();
  return scanTolerantly(view) ? view : undefined;
};

test('odd headers fill the same slots', () => {
  const view = scan(
    `{ 'extFields' : { queueId : 3, "topic":'é', "k":{"deep":1}, commitOffset:null }, code:"11" }`,
  );
  assert.ok(view);
  assert.is(view.code, 11);
  assert.is(view.int(SLOT.queueId, 0), 3);
  assert.is(view.string(SLOT.topic), 'é');
  assert.is(view.has(SLOT.commitOffset), false);
});

test('names are those of the code, also when both forms are there', () => {
  const fields = '"extFields":{"topic":"long","b":"short"}';
  assert.is(scan(`{"code":310,${fields}}`)?.string(SLOT.topic), 'short');
  assert.is(scan(`{"code":10,${fields}}`)?.string(SLOT.topic), 'long');
});

test('what no reader takes is malformed', () => {
  for (const header of ['', '[1]', '{"code":}', '{"code":"x"}', '{"a"']) {
    assert.is(scan(header), undefined, header);
  }
});
