import { closeSync, fstatSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createPool } from '../../src/actors/index.ts';
import { PREPARE_TASK, type PreparePart } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { withFolder } from './node-fixture.ts';

const test = suite('pool tasks');
const BYTES = 1024 * 1024;

test('a helper thread prepares a piece of a segment and keeps what is in it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'segment');
    writeFileSync(path, 'first bytes');
    truncateSync(path, BYTES);
    const descriptor = openSync(path, 'r');
    const { dev: device, ino: inode } = fstatSync(descriptor);
    const pool = createPool({
      tasksUrl: new URL('../../src/node/pool-tasks.js', import.meta.url),
    });
    try {
      const part: PreparePart = { path, device, inode, position: 0, bytes: BYTES, isStored: true };
      await new Promise<unknown>((resolve, reject) => {
        pool.run(PREPARE_TASK, part, (error, result) => (error ? reject(error) : resolve(result)));
      });
      assert.ok(fstatSync(descriptor).blocks * 512 >= BYTES, 'its blocks are there');
      assert.is(readFileSync(path).toString('latin1', 0, 12), 'first bytes\0');
    } finally {
      await pool.close();
      closeSync(descriptor);
    }
  }));
