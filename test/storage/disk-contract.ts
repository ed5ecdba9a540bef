// What every disk does, whichever backend: run by the tests of the mapped, the file and the simulated disk.
import * as assert from 'uvu/assert';
import type { Suite } from '../support/suite.ts';
import { codeOf, type MakeFixture, use } from './disk-fixture.ts';
import { segmentClaims, segmentModelClaims } from './segment-contract.ts';

/** Registers the contract's claims in a disk's suite; `label` tells two kinds of one disk apart. */
export const diskContract = (suite: Suite, make: MakeFixture, label = ''): void => {
  const add = (name: string, body: () => void | Promise<void>, limitMs?: number): void =>
    suite(label === '' ? name : `${label}: ${name}`, body, limitMs);
  const test = Object.assign(add, { skip: suite.skip });
  folderClaims(test, make);
  fileClaims(test, make);
  segmentClaims(test, make);
  segmentModelClaims(test, make);
};

const folderClaims = (test: Suite, make: MakeFixture): void => {
  test('folders are made with their parents and listed in order', () =>
    use(make, ({ disk, root }) => {
      disk.makeFolder(`${root}/a/b`);
      disk.makeFolder(`${root}/a/b`);
      for (const name of ['z', 'B', 'a']) disk.writeFile(`${root}/a/b/${name}`, Buffer.from(name));
      assert.equal(disk.list(`${root}/a/b`), ['B', 'a', 'z']);
      assert.equal(disk.list(`${root}/a`), ['b']);
      assert.equal(disk.list(`${root}/missing`), []);
      assert.is(disk.stat(`${root}/a/b`)?.kind, 'folder');
      assert.is(disk.stat(`${root}/missing`), undefined);
    }));

  test('small files are replaced, renamed over others and removed', () =>
    use(make, ({ disk, root }) => {
      disk.writeFile(`${root}/one`, Buffer.from('a longer text'));
      disk.writeFile(`${root}/one`, Buffer.from('first'));
      disk.writeFile(`${root}/two`, Buffer.from('second'));
      assert.equal(disk.stat(`${root}/one`)?.bytes, 5);
      disk.rename(`${root}/one`, `${root}/two`);
      assert.is(disk.readFile(`${root}/one`), undefined);
      assert.is(disk.readFile(`${root}/two`)?.toString(), 'first');
      disk.remove(`${root}/two`);
      disk.remove(`${root}/two`);
      assert.is(disk.readFile(`${root}/two`), undefined);
    }));

  test('a folder moves and goes with all it holds', () =>
    use(make, ({ disk, root }) => {
      disk.makeFolder(`${root}/a/b`);
      disk.writeFile(`${root}/a/b/file`, Buffer.from('x'));
      disk.rename(`${root}/a`, `${root}/c`);
      assert.is(disk.readFile(`${root}/c/b/file`)?.toString(), 'x');
      assert.is(disk.stat(`${root}/a`), undefined);
      disk.remove(`${root}/c`);
      assert.equal(disk.list(root), []);
    }));

  test('a missing file, a missing folder and a file in the way are told apart', () =>
    use(make, ({ disk, root }) => {
      disk.writeFile(`${root}/file`, Buffer.from('x'));
      const missing = `${root}/missing/file`;
      assert.is(
        codeOf(() => disk.openFile(missing, { create: false, bytes: 0 })),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.openFile(missing, { create: true, bytes: 0 })),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.writeFile(missing, Buffer.alloc(1))),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.rename(missing, `${root}/file`)),
        'NOT_FOUND',
      );
      assert.is(
        codeOf(() => disk.makeFolder(`${root}/file/below`)),
        'BAD_FOLDER',
      );
      assert.is(
        codeOf(() => disk.list(`${root}/file`)),
        'BAD_FOLDER',
      );
      assert.is(
        codeOf(() => disk.readFile(root)),
        'BAD_FOLDER',
      );
      assert.is(
        codeOf(() => disk.writeFile(root, Buffer.alloc(1))),
        'BAD_FOLDER',
      );
    }));

  test('space is told for folders that are there and those that are not yet', () =>
    use(make, ({ disk, root }) => {
      const space = disk.space(`${root}/not/yet`);
      assert.ok(space.totalBytes > 0 && space.freeBytes > 0);
      assert.ok(space.freeBytes <= space.totalBytes);
    }));

  test('the lock keeps out a second opener until it is released', () =>
    use(make, ({ disk, root }) => {
      const lock = disk.lock(`${root}/lock`);
      assert.is(disk.readFile(`${root}/lock`)?.toString(), 'lock');
      assert.is(
        codeOf(() => disk.lock(`${root}/lock`)),
        'STORE_IN_USE',
      );
      assert.is(
        codeOf(() => disk.lock(`${root}/lock`)),
        'STORE_IN_USE',
      );
      disk.lock(`${root}/other`).release();
      lock.release();
      disk.lock(`${root}/lock`).release();
    }));
};

const fileClaims = (test: Suite, make: MakeFixture): void => {
  test('a created file has its full length, and reads end with it', () =>
    use(make, ({ disk, root }) => {
      const file = disk.openFile(`${root}/file`, { create: true, bytes: 6000 });
      assert.is(disk.stat(`${root}/file`)?.bytes, 6000);
      const target = Buffer.alloc(100, 1);
      assert.is(file.read(5950, target), 50);
      assert.ok(target.subarray(0, 50).every((byte) => byte === 0));
      assert.ok(target.subarray(50).every((byte) => byte === 1));
      assert.is(file.read(6000, target), 0);
      assert.is(file.read(7000, target), 0);
      file.close();
    }));

  test('bytes are read where they were written, past the end too', () =>
    use(make, ({ disk, root }) => {
      const file = disk.openFile(`${root}/file`, { create: true, bytes: 10 });
      file.write(3, Buffer.from('abc'));
      file.write(20, Buffer.from('xyz'));
      const target = Buffer.alloc(23);
      assert.is(file.read(0, target), 23);
      assert.equal(target.subarray(3, 6).toString(), 'abc');
      assert.equal(target.subarray(20).toString(), 'xyz');
      file.close();
      const again = disk.openFile(`${root}/file`, { create: false, bytes: 10 });
      assert.is(again.read(0, target), 23);
      again.close();
    }));

  test('a sync ends in a later turn, and a closed file is a bug to use', () =>
    use(make, async (fixture) => {
      const file = fixture.disk.openFile(`${fixture.root}/file`, { create: true, bytes: 4096 });
      file.write(0, Buffer.from('x'));
      assert.is(await fixture.settle((done) => file.sync(done)), undefined);
      assert.is(await fixture.settle((done) => file.sync(done)), undefined);
      const last = fixture.settle((done) => file.sync(done));
      assert.is(
        codeOf(() => file.sync(() => undefined)),
        'ASSERTION',
      );
      await last;
      file.close();
      file.close();
      assert.is(
        codeOf(() => file.read(0, Buffer.alloc(1))),
        'ASSERTION',
      );
      assert.is(
        codeOf(() => file.write(0, Buffer.alloc(1))),
        'ASSERTION',
      );
      assert.is(
        codeOf(() => file.sync(() => undefined)),
        'ASSERTION',
      );
    }));

  test('a file closed while it is synced still reports the sync', () =>
    use(make, async (fixture) => {
      const file = fixture.disk.openFile(`${fixture.root}/file`, { create: true, bytes: 4096 });
      file.write(0, Buffer.from('x'));
      const synced = fixture.settle((done) => file.sync(done));
      file.close();
      assert.is(await synced, undefined);
    }));
};
