import * as assert from 'uvu/assert';
import {
  giveHandleUp,
  handleUse,
  isHandleGivenUp,
  type NodeHandle,
  takeHandle,
} from '../../../src/node/embed/node-handle.ts';
import { suite } from '../../support/suite.ts';

const test = suite('node handle');

test('a handle serves one thread, once, also when it was copied', () => {
  const handle: NodeHandle = {
    node: 'n',
    id: 1,
    namesrvAddr: '127.0.0.1:9876',
    rings: { id: 1, doorbell: new SharedArrayBuffer(4), pairs: [] },
    logs: [],
    mappings: new SharedArrayBuffer(24),
    use: handleUse(),
  };
  const copy = { ...handle };
  takeHandle(handle);
  assert.is(isHandleGivenUp(copy), false);
  assert.throws(() => takeHandle(copy), /serves one thread, once; ask the node for another/);
  giveHandleUp(handle);
  assert.is(isHandleGivenUp(copy), true);
  assert.throws(() => takeHandle(handle), /once/);
});
