import { chmodSync, closeSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { PlainFile, type PlainFileOptions } from '../../src/storage/plain-file.ts';
import { suite } from '../support/suite.ts';
import { codeOf } from './disk-fixture.ts';
import { settleReal, withFolder } from './real-fixture.ts';

const test = suite('plain file');

const create = (bytes: number): PlainFileOptions => ({
  create: true,
  bytes,
  writable: true,
  freeBytes: () => 7,
});

test('a created file is sparse, an existing one keeps its length', () =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    const file = new PlainFile(path, create(100 * 1024 * 1024));
    assert.is(file.bytes, 100 * 1024 * 1024);
    assert.ok(statSync(path).blocks * 512 < 64 * 1024);
    file.close();
    const again = new PlainFile(path, create(5));
    assert.is(again.bytes, 100 * 1024 * 1024);
    again.close();
  }));

test('a file for reading is not written', () =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, 'text');
    chmodSync(path, 0o444);
    const file = new PlainFile(path, { ...create(0), create: false, writable: false });
    const target = Buffer.alloc(4);
    assert.is(file.read(0, target), 4);
    assert.is(
      codeOf(() => file.write(0, target)),
      'IO_FAILED',
    );
    file.close();
    assert.is(readFileSync(path, 'utf8'), 'text');
  }));

test('a disk that reports a failed sync is a failed flush', () =>
  withFolder(async (folder) => {
    const file = new PlainFile(join(folder, 'file'), create(10));
    assert.is(await settleReal((done) => file.sync(done)), undefined);
    closeSync(file.descriptor);
    const error = await settleReal((done) => file.sync(done));
    assert.is((error as { code?: string }).code, 'FLUSH_FAILED');
    assert.match(error?.message ?? '', /file: EBADF.*may be lost/);
  }));

test('a descriptor stays open until the sync that uses it has ended', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    const file = new PlainFile(path, create(10));
    const link = `/proc/self/fd/${file.descriptor}`;
    const isOpen = (): boolean => {
      try {
        return readlinkSync(link) === path;
      } catch {
        return false;
      }
    };
    const synced = settleReal((done) => file.sync(done));
    file.close();
    if (process.platform === 'linux') assert.is(isOpen(), true);
    await synced;
    if (process.platform === 'linux') assert.is(isOpen(), false);
  }));

test('a creation that fails leaves no file', () =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    assert.is(
      codeOf(() => new PlainFile(path, create(1.5))),
      'IO_FAILED',
    );
    assert.is(
      codeOf(() => statSync(path)),
      'ENOENT',
    );
  }));

test('a descriptor stays open until the fetch that uses it has ended', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    const file = new PlainFile(path, create(5 * 1024 * 1024));
    const link = `/proc/self/fd/${file.descriptor}`;
    const fetched = settleReal((done) => file.fetch(0, 5 * 1024 * 1024, done));
    file.close();
    assert.is(readlinkSync(link), path);
    assert.is(await fetched, undefined);
    assert.throws(() => readlinkSync(link), /ENOENT/);
  }));

test('a fetch that the disk refuses says so', () =>
  withFolder(async (folder) => {
    const file = new PlainFile(join(folder, 'file'), create(10));
    closeSync(file.descriptor);
    const error = await settleReal((done) => file.fetch(0, 10, done));
    assert.is((error as { code?: string }).code, 'IO_FAILED');
  }));
