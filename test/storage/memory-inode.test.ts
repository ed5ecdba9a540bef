import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { MEMORY_PAGE_BYTES, MemoryInode } from '../../src/storage/memory-inode.ts';
import { suite } from '../support/suite.ts';

const test = suite('memory inode');

const filled = (value: number): MemoryInode => {
  const inode = new MemoryInode(3 * MEMORY_PAGE_BYTES, 5);
  inode.allocate(0, inode.bytes);
  inode.write(0, Buffer.alloc(inode.bytes, value));
  return inode;
};

test('N1: pages are counted once, wherever a range begins and ends', () => {
  const inode = new MemoryInode(10 * MEMORY_PAGE_BYTES, 0);
  assert.is(inode.missingPages(100, 100), 0);
  assert.is(inode.missingPages(MEMORY_PAGE_BYTES - 1, MEMORY_PAGE_BYTES + 1), 2);
  inode.allocate(0, 1);
  inode.allocate(MEMORY_PAGE_BYTES - 1, MEMORY_PAGE_BYTES + 1);
  assert.is(inode.allocatedBytes, 2 * MEMORY_PAGE_BYTES);
  assert.is(inode.missingPages(0, 3 * MEMORY_PAGE_BYTES), 1);
});

test('N2: a cut file that grows again shows zeros', () => {
  const inode = filled(1);
  inode.resize(100);
  inode.resize(2 * MEMORY_PAGE_BYTES);
  assert.ok(inode.content.subarray(0, 100).every((byte) => byte === 1));
  assert.ok(inode.content.subarray(100).every((byte) => byte === 0));
});

test('a capture holds the pages that differ from the disk, as they were', () => {
  const inode = filled(1);
  inode.commit(inode.capture());
  assert.is(inode.capture().pages.size, 0);
  inode.write(MEMORY_PAGE_BYTES, Buffer.from([2]));
  const capture = inode.capture();
  inode.write(MEMORY_PAGE_BYTES, Buffer.from([3]));
  assert.equal([...capture.pages.keys()], [1]);
  assert.is(capture.pages.get(1)?.[0], 2);
  inode.commit(capture);
  inode.cutPower(seededRandom(1), 0);
  assert.is(inode.content[MEMORY_PAGE_BYTES], 2);
});

test('dropped pages count as clean until they change', () => {
  const inode = filled(1);
  inode.drop(inode.capture());
  assert.is(inode.capture().pages.size, 0);
  inode.write(0, Buffer.from([2]));
  assert.equal([...inode.capture().pages.keys()], [0]);
});

test('a length that was not synced may be lost with its bytes', () => {
  const inode = filled(1);
  inode.cutPower(seededRandom(1), 0);
  assert.is(inode.bytes, 0);
  inode.resize(10);
  assert.ok(inode.content.subarray(0, 10).every((byte) => byte === 0));
});

test('detached and cloned bytes are reached by no one else', () => {
  const inode = filled(1);
  const old = inode.content;
  const copy = inode.clone();
  inode.detach();
  old.fill(9);
  copy.write(0, Buffer.from([7]));
  assert.is(inode.content[0], 1);
  assert.is(copy.content[1], 1);
  assert.is(copy.modifiedMs, 5);
});
