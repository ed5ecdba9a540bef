import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { FOLDER, QueueFixture } from './queue-fixture.ts';

const test = suite('storage/queue-files');
const bytes = Buffer.alloc(20, 7);

test('no more files are open than allowed, and every one stays usable', () => {
  const { files } = new QueueFixture(10, 4);
  const handles = Array.from({ length: 12 }, (_, index) => files.handle(`${FOLDER}/T/${index}`, 0));
  for (const [index, handle] of handles.entries()) {
    files.write(handle, 0, Buffer.alloc(20, index + 1));
    assert.ok(files.openCount <= 4);
  }
  for (const [index, handle] of handles.entries()) {
    const target = Buffer.alloc(20);
    assert.ok(files.read(handle, 0, target));
    assert.equal(target, Buffer.alloc(20, index + 1));
    assert.ok(files.openCount <= 4);
  }
});

test('a folder and a file of full length appear with the first write, not before', () => {
  const { files, disk } = new QueueFixture();
  const handle = files.handle(`${FOLDER}/T/3`, 200);
  assert.not(files.read(handle, 0, Buffer.alloc(20)));
  assert.is(disk.stat(`${FOLDER}/T`), undefined);
  files.write(handle, 40, bytes);
  assert.is(disk.stat(`${FOLDER}/T/3/00000000000000000200`)?.bytes, 200);
  assert.equal(files.starts(`${FOLDER}/T/3`), [200]);
});

test('a file is synced once for all its writes, again after the next one', () => {
  const { files, scheduler } = new QueueFixture();
  const handle = files.handle(`${FOLDER}/T/0`, 0);
  files.write(handle, 0, bytes);
  files.write(handle, 20, bytes);
  assert.equal(files.takeDirty(), [handle]);
  assert.equal(files.takeDirty(), []);
  let isDone = false;
  files.sync(handle, () => {
    isDone = true;
  });
  files.write(handle, 40, bytes);
  assert.equal(files.takeDirty(), [], 'not while a sync runs');
  scheduler.runDeferred();
  assert.ok(isDone);
  assert.equal(files.takeDirty(), [handle]);
});

test('a file that is being synced is not closed to make room', () => {
  const { files, scheduler } = new QueueFixture(10, 2);
  const first = files.handle(`${FOLDER}/T/0`, 0);
  files.write(first, 0, bytes);
  files.sync(first, () => undefined);
  for (let index = 1; index < 6; index++)
    files.write(files.handle(`${FOLDER}/T/${index}`, 0), 0, bytes);
  assert.ok(first.file);
  scheduler.runDeferred();
});

test('a deleted file is gone, and nothing of it waits for a sync', () => {
  const { files, disk } = new QueueFixture();
  const handle = files.handle(`${FOLDER}/T/0`, 0);
  files.write(handle, 0, bytes);
  files.remove(handle);
  assert.is(disk.stat(handle.path), undefined);
  assert.equal(files.takeDirty(), []);
  let isDone = false;
  files.sync(handle, () => {
    isDone = true;
  });
  assert.ok(isDone);
});
