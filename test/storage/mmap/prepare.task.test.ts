import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createPreparePart, type PreparePart } from '../../../src/storage/mmap/prepare.task.ts';
import { suite } from '../../support/suite.ts';
import { codeOf } from '../disk-fixture.ts';
import { withFolder } from '../real-fixture.ts';

const test = suite('prepare task');
const preparePart = createPreparePart();
const PART_BYTES = 256 * 1024;

const partOf = (path: string, position: number, isStored = true): PreparePart => {
  const facts = statSync(path);
  return { path, device: facts.dev, inode: facts.ino, position, bytes: PART_BYTES, isStored };
};

const maps = (path: string): boolean => readFileSync('/proc/self/maps', 'utf8').includes(path);

test('a part gets blocks and filled pages and keeps its bytes', () =>
  withFolder((folder) => {
    const path = join(folder, 'segment');
    const content = Buffer.alloc(2 * PART_BYTES);
    content.write('before', PART_BYTES - 6);
    content.write('inside', PART_BYTES + 100);
    writeFileSync(path, content);
    assert.is(preparePart(partOf(path, PART_BYTES)), true);
    assert.is(preparePart(partOf(path, PART_BYTES, false)), true);
    assert.ok(readFileSync(path).equals(content));
    assert.ok(statSync(path).blocks * 512 >= PART_BYTES);
    assert.is(maps(path), false, 'its own mapping is gone');
  }));

test('a missing file and another file under the name are refused', () =>
  withFolder((folder) => {
    const path = join(folder, 'segment');
    writeFileSync(path, Buffer.alloc(PART_BYTES));
    const part = partOf(path, 0);
    renameSync(path, `${path}.old`);
    assert.is(
      codeOf(() => preparePart(part)),
      'ENOENT',
    );
    writeFileSync(path, 'other');
    assert.throws(() => preparePart(part), /another file now/);
    assert.is(readFileSync(path, 'utf8'), 'other');
    assert.is(maps(path), false);
  }));
