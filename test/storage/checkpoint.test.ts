import * as assert from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import {
  CHECKPOINT_BYTES,
  Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  minTimestamp,
  minTimestampIndex,
} from '../../src/storage/checkpoint.ts';
import { MemoryDisk } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { storeVectors } from './store-vectors.ts';

const test = suite('storage/checkpoint');
const { first24Hex, fileSize, getMinTimestamp, getMinTimestampIndex } = storeVectors.checkpoint;

const makeDisk = (): { disk: MemoryDisk; scheduler: ManualScheduler } => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  return { disk: new MemoryDisk({ clock, scheduler }), scheduler };
};

test('times are read and written as RocketMQ stores them', () => {
  const times = decodeCheckpoint(Buffer.from(first24Hex, 'hex'));
  assert.is(encodeCheckpoint(times).toString('hex'), first24Hex);
  assert.is(minTimestamp(times), getMinTimestamp);
  assert.is(minTimestampIndex(times), getMinTimestampIndex);
});

test('a missing or short file means that nothing is known', () => {
  for (const bytes of [undefined, Buffer.alloc(0), Buffer.alloc(23, 1)])
    assert.is(minTimestamp(decodeCheckpoint(bytes)), 0);
});

test('a save is durable once it is done, in a file of the full length', () => {
  const { disk, scheduler } = makeDisk();
  const checkpoint = new Checkpoint(disk, '/checkpoint');
  checkpoint.times.physicMsgTimestamp = 7_000;
  checkpoint.times.logicsMsgTimestamp = 9_000;
  let isDone = false;
  checkpoint.save(() => {
    isDone = true;
  });
  assert.not(isDone);
  scheduler.runDeferred();
  assert.ok(isDone);
  disk.cutPower({ seed: 1, keepUnsynced: 0 });
  assert.is(disk.stat('/checkpoint')?.bytes, fileSize);
  assert.is(minTimestamp(new Checkpoint(disk, '/checkpoint').times), 4_000);
});

test('a file that a crash left without its length is made again', () => {
  const { disk, scheduler } = makeDisk();
  disk.writeFile('/checkpoint', Buffer.alloc(0));
  const checkpoint = new Checkpoint(disk, '/checkpoint');
  checkpoint.save(() => undefined);
  scheduler.runDeferred();
  assert.is(disk.stat('/checkpoint')?.bytes, CHECKPOINT_BYTES);
});

test('a disk that does not store it is reported', () => {
  const { disk, scheduler } = makeDisk();
  disk.failNextSync('/checkpoint');
  let failure: Error | undefined;
  new Checkpoint(disk, '/checkpoint').save((error) => {
    failure = error;
  });
  scheduler.runDeferred();
  assert.ok(failure);
});
