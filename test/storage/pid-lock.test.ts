import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { takePidLock } from '../../src/storage/pid-lock.ts';
import { suite } from '../support/suite.ts';
import { codeOf } from './disk-fixture.ts';
import { withFolder } from './real-fixture.ts';

const test = suite('lock by process id');

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;
const write = (path: string, ...lines: readonly (string | number)[]): void =>
  writeFileSync(`${path}.pid`, lines.map((line) => `${line}\n`).join(''));

test('it is held once, and leaves nothing behind', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    const lock = takePidLock(path);
    assert.match(readFileSync(`${path}.pid`, 'utf8'), new RegExp(`^${process.pid}\n`));
    assert.is(
      codeOf(() => takePidLock(path)),
      'STORE_IN_USE',
    );
    lock.release();
    lock.release();
    assert.equal(readdirSync(folder), []);
    takePidLock(path).release();
  }));

test('what a dead process left is taken over', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    write(path, deadPid(), '', hostname());
    const lock = takePidLock(path);
    assert.is(
      codeOf(() => takePidLock(path)),
      'STORE_IN_USE',
    );
    lock.release();
    assert.equal(readdirSync(folder), []);
  }));

test('a process with the number of an older one is not taken for it', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    takePidLock(path);
    const [, startedAt = ''] = readFileSync(`${path}.pid`, 'utf8').split('\n');
    if (startedAt === '') return; // This system does not tell when a process started.
    write(path, process.pid, 'another-boot/1', hostname());
    takePidLock(path).release();
  }));

test('in doubt the holder lives: another host, a process without start', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    write(path, deadPid(), '', 'another-host');
    assert.is(
      codeOf(() => takePidLock(path)),
      'STORE_IN_USE',
    );
    write(path, process.pid, '', hostname());
    assert.is(
      codeOf(() => takePidLock(path)),
      'STORE_IN_USE',
    );
    assert.ok(existsSync(`${path}.pid`));
  }));

test('a file that says nothing is taken over', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    write(path, 'garbage');
    takePidLock(path).release();
  }));

test('a lock taken over by another is not released by the old holder', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    const lock = takePidLock(path);
    write(path, 1, '', 'another-host');
    lock.release();
    assert.ok(existsSync(`${path}.pid`));
  }));

test('of many threads that want a dead one’s lock at once, one gets it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'lock');
    write(path, deadPid(), '', hostname());
    const module = new URL('../../src/storage/pid-lock.js', import.meta.url).href;
    const start = new Int32Array(new SharedArrayBuffer(4));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.module).then(({ takePidLock }) => {
        parentPort.postMessage('ready');
        Atomics.wait(workerData.start, 0, 0);
        try { takePidLock(workerData.path); parentPort.postMessage('held'); }
        catch (error) { parentPort.postMessage(error.code); }
      });`;
    const workers = Array.from(
      { length: 4 },
      () => new Worker(code, { eval: true, workerData: { module, path, start } }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const answers = workers.map((worker) => once(worker, 'message'));
    Atomics.store(start, 0, 1);
    Atomics.notify(start, 0);
    const results = (await Promise.all(answers)).flat().sort();
    assert.equal(results, ['STORE_IN_USE', 'STORE_IN_USE', 'STORE_IN_USE', 'held']);
  }));
