import * as assert from 'uvu/assert';
import { parseSegmentName, segmentName, storePaths } from '../../src/storage/paths.ts';
import { suite } from '../support/suite.ts';
import { storeVectors } from './store-vectors.ts';

const test = suite('storage/paths');

test('segments are named by their first byte, as RocketMQ names them', () => {
  for (const { segmentSize, physicalOffset, file } of storeVectors.segmentNames) {
    const position = Number(physicalOffset);
    assert.is(segmentName(position - (position % segmentSize)), file);
  }
});

test('a name is read back, and other names are not taken for segments', () => {
  assert.is(parseSegmentName(segmentName(1_073_741_824)), 1_073_741_824);
  for (const name of [
    '0',
    '0000000000000000000a',
    '00000000000000000000.tmp',
    '99999999999999999999',
  ])
    assert.is(parseSegmentName(name), -1, name);
});

test('a store keeps its files where RocketMQ keeps them', () => {
  const paths = storePaths('/store', '/elsewhere/log');
  assert.is(paths.commitLog, '/elsewhere/log');
  assert.is(paths.consumeQueue, '/store/consumequeue');
  assert.is(paths.checkpoint, '/store/checkpoint');
  assert.is(paths.abort, '/store/abort');
});
