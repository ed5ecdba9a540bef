import * as assert from 'uvu/assert';
import type { RunningRoot } from '../../../src/node/core/root-options.ts';
import { Handles } from '../../../src/node/embed/handles.ts';
import { giveHandleUp } from '../../../src/node/embed/node-handle.ts';
import { MappingTable } from '../../../src/storage/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('handles');

const fakeRoot = () => {
  const detached: number[] = [];
  const attached: number[] = [];
  const root = {
    brokers: [
      {
        brokerName: 'b',
        address: '127.0.0.1:10911',
        storePathRootDir: 'store',
        storePathCommitLog: 'store/commitlog',
        mappedFileSizeCommitLog: 4096,
      },
    ],
    attach: async () => {
      const id = attached.push(0);
      return { id, doorbell: new SharedArrayBuffer(4), pairs: [] };
    },
    detach: (id: number) => void detached.push(id),
  };
  return { detached, root: root as unknown as RunningRoot };
};

test('a handle tells a thread all it needs, and those given up make room for the next', async () => {
  const { detached, root } = fakeRoot();
  const handles = new Handles(root, '127.0.0.1:9876');
  const first = await handles.give();
  assert.is(first.namesrvAddr, '127.0.0.1:9876');
  assert.equal(first.logs, [
    { address: '127.0.0.1:10911', folder: 'store/commitlog', segmentBytes: 4096 },
  ]);
  structuredClone(first);
  await handles.give();
  assert.equal(detached, []);
  giveHandleUp(first);
  await handles.give();
  assert.equal(detached, [1]);
});

test('a dead thread is released once, with what it had mapped', async () => {
  const { detached, root } = fakeRoot();
  const handles = new Handles(root, '127.0.0.1:9876');
  const handle = await handles.give();
  const table = new MappingTable(handle.mappings);
  // Claimed, and not mapped yet when its thread died.
  assert.is(table.claim(handle.id), 0);
  handles.release({ node: 'another', id: handle.id });
  assert.equal(detached, []);
  assert.is(table.size, 1);
  handles.release(handle);
  handles.release(handle);
  assert.equal(detached, [1]);
  assert.is(table.size, 0);
});
