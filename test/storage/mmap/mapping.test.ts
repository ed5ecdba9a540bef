import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Libc } from '../../../src/storage/mmap/libc.ts';
import { loadLibc } from '../../../src/storage/mmap/libc.ts';
import { Mapping } from '../../../src/storage/mmap/mapping.ts';
import { MappingTable } from '../../../src/storage/mmap/mapping-table.ts';
import { suite } from '../../support/suite.ts';
import { withFolder } from '../real-fixture.ts';

const test = suite('mapping');
const BYTES = 65_536;

/** libc that notes when it unmaps. */
const watchedLibc = (calls: string[], table?: MappingTable): Libc => {
  const result = loadLibc();
  if ('reason' in result) throw new Error(result.reason);
  const { libc } = result;
  return {
    ...libc,
    unmap: (address, bytes) => {
      calls.push(`unmap ${bytes}, ${table?.size ?? 0} rows`);
      libc.unmap(address, bytes);
    },
  };
};

const withDescriptor = (body: (descriptor: number, path: string) => void): Promise<void> =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    const descriptor = openSync(path, 'wx+');
    ftruncateSync(descriptor, BYTES);
    body(descriptor, path);
    closeSync(descriptor);
  });

test('M1: memory goes with the last lease after close, and the buffer with close', () =>
  withDescriptor((descriptor, path) => {
    const calls: string[] = [];
    const request = { path, descriptor, bytes: BYTES, writable: true };
    const mapping = new Mapping(watchedLibc(calls), undefined, request);
    mapping.retain();
    mapping.retain();
    const held = mapping.buffer;
    held[5] = 7;
    mapping.release();
    mapping.close();
    mapping.close();
    assert.is(mapping.buffer.length, 0);
    assert.equal(calls, []);
    assert.is(held[5], 7);
    assert.throws(() => mapping.retain(), /closed/);
    mapping.release();
    assert.equal(calls, [`unmap ${BYTES}, 0 rows`]);
    assert.throws(() => mapping.release(), /more often/);
    assert.throws(() => mapping.populate(0, BYTES), /closed/);
  }));

test('T3: the row is free before the memory is unmapped', () =>
  withDescriptor((descriptor, path) => {
    const calls: string[] = [];
    const table = MappingTable.create(2);
    const request = { path, descriptor, bytes: BYTES, writable: true };
    const mapping = new Mapping(watchedLibc(calls, table), { table, shard: 0 }, request);
    assert.is(table.size, 1);
    mapping.close();
    assert.equal(calls, [`unmap ${BYTES}, 0 rows`]);
  }));

test('a refused map and a full table leave no row behind', () =>
  withDescriptor((descriptor, path) => {
    const table = MappingTable.create(1);
    const owner = { table, shard: 0 };
    const libc = watchedLibc([]);
    const request = { path, descriptor, bytes: BYTES, writable: true };
    assert.throws(() => new Mapping(libc, owner, { ...request, descriptor: 9999 }), /EBADF/);
    assert.is(table.size, 0);
    const mapping = new Mapping(libc, owner, request);
    assert.throws(() => new Mapping(libc, owner, request), /all 1 rows/);
    mapping.close();
    assert.is(table.size, 0);
  }));
