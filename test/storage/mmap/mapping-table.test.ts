import * as assert from 'uvu/assert';
import { MappingTable } from '../../../src/storage/mmap/mapping-table.ts';
import { suite } from '../../support/suite.ts';

const test = suite('mapping table');

test('T1: rows are claimed once, by whichever view of the memory', () => {
  const table = MappingTable.create(3);
  const other = new MappingTable(table.memory);
  assert.is(other.capacity, 3);
  assert.equal([table.claim(0), other.claim(1), table.claim(0)], [0, 1, 2]);
  assert.is(table.claim(0), -1);
  assert.is(other.size, 3);
  other.free(1);
  assert.is(table.claim(2), 1);
});

test('T2: a claimed row without an address gives nothing to unmap', () => {
  const table = MappingTable.create(2);
  table.claim(4);
  assert.equal(table.takeAll(4), []);
  assert.is(table.size, 0);
});

test('T3, T4: a shard’s rows are taken once, those of others stay', () => {
  const table = MappingTable.create(8);
  const bytes = 4 * 1024 ** 3;
  const address = 2 ** 47 - bytes;
  table.publish(table.claim(1), { address, bytes });
  table.publish(table.claim(2), { address: 8192, bytes: 1 });
  table.publish(table.claim(1), { address: 4096, bytes: 2 });
  assert.equal(table.takeAll(1), [
    { address, bytes },
    { address: 4096, bytes: 2 },
  ]);
  assert.equal(table.takeAll(1), []);
  assert.is(table.size, 1);
  assert.equal(table.takeAll(2), [{ address: 8192, bytes: 1 }]);
});

test('a row used again does not show its old address', () => {
  const table = MappingTable.create(1);
  const row = table.claim(0);
  table.publish(row, { address: 4096, bytes: 2 });
  table.free(row);
  assert.is(table.claim(0), row);
  assert.equal(table.takeAll(0), []);
});

test('a shard is a whole number from 0', () => {
  const table = MappingTable.create(1);
  assert.throws(() => table.claim(-1), /numbered from 0/);
  assert.throws(() => table.claim(0.5), /numbered from 0/);
});
