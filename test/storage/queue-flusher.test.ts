import * as assert from 'uvu/assert';
import { Checkpoint, decodeCheckpoint } from '../../src/storage/checkpoint.ts';
import { LogPositions } from '../../src/storage/positions.ts';
import { QueueFlusher } from '../../src/storage/queue-flusher.ts';
import { suite } from '../support/suite.ts';
import { FOLDER, putUnits, QueueFixture } from './queue-fixture.ts';

const test = suite('storage/queue-flusher');

class Flushed {
  readonly fixture = new QueueFixture();
  readonly positions = new LogPositions();
  readonly synced: string[] = [];
  readonly failures: Error[] = [];
  readonly flusher: QueueFlusher;
  dispatchedMs = 0;
  flushedMs = 0;

  constructor() {
    const { disk, table, scheduler, clock } = this.fixture;
    disk.syncDelayMs = (path) => {
      this.synced.push(path);
      return 10;
    };
    const checkpoint = new Checkpoint(disk, '/checkpoint');
    this.flusher = new QueueFlusher(table, this.positions, checkpoint, scheduler, {
      dispatchedStoreTimestamp: () => this.dispatchedMs,
      flushedStoreTimestamp: () => this.flushedMs,
      monotonicMs: () => clock.monotonicMs(),
      onFailed: (error) => void this.failures.push(error),
    });
  }

  put(topic: string, storeMs: number): void {
    putUnits(this.fixture.queue(topic), 1);
    this.dispatchedMs = storeMs;
    this.positions.appended += 100;
    this.positions.setDispatched(this.positions.appended);
  }

  get stored(): number[] {
    const times = decodeCheckpoint(this.fixture.disk.readFile('/checkpoint'));
    return [times.physicMsgTimestamp, times.logicsMsgTimestamp];
  }
}

test('units leave the process within 100 ms, and count as indexed from then on', () => {
  const flushed = new Flushed();
  flushed.flusher.startTimers(1_000);
  flushed.put('A', 5_000);
  assert.is(flushed.positions.indexed, 0);
  flushed.fixture.scheduler.advance(101);
  assert.is(flushed.positions.indexed, 100);
  assert.is(flushed.fixture.queue('A').writtenUnit, 1);
  assert.equal(flushed.synced, []);
});

test('K1: the checkpoint names a time only once all units up to it are durable', () => {
  const flushed = new Flushed();
  flushed.put('A', 5_000);
  flushed.put('B', 6_000);
  flushed.flusher.flush(() => undefined);
  flushed.fixture.scheduler.advance(5);
  flushed.put('A', 9_000); // After the round began.
  flushed.fixture.scheduler.advance(6);
  assert.is(flushed.synced.filter((path) => path.startsWith(FOLDER)).length, 2);
  flushed.fixture.scheduler.advance(20);
  assert.equal(flushed.stored, [0, 6_000]);
});

test('K2: its other time is that of a flushed record', () => {
  const flushed = new Flushed();
  flushed.put('A', 9_000);
  flushed.flushedMs = 4_000;
  flushed.flusher.flush(() => undefined);
  flushed.fixture.scheduler.advance(100);
  assert.equal(flushed.stored, [4_000, 9_000]);
});

test('a quiet store is not synced', () => {
  const flushed = new Flushed();
  flushed.flusher.startTimers(1_000);
  flushed.put('A', 5_000);
  flushed.fixture.scheduler.advance(10_000);
  const count = flushed.synced.length;
  flushed.fixture.scheduler.advance(60_000);
  assert.is(flushed.synced.length, count);
});

test('a file that is not stored fails the round and writes no checkpoint', () => {
  const flushed = new Flushed();
  flushed.flusher.startTimers(1_000);
  flushed.put('A', 5_000);
  flushed.fixture.disk.failNextSync(FOLDER);
  flushed.fixture.scheduler.advance(5_000);
  assert.is(flushed.failures.length, 1);
  assert.equal(flushed.stored, [0, 0]);
});

test('units the disk refuses keep the old checkpoint, and are written later', () => {
  const flushed = new Flushed();
  flushed.flusher.startTimers(1_000);
  flushed.put('A', 5_000);
  flushed.fixture.disk.setCapacity(0);
  flushed.fixture.scheduler.advance(3_000);
  assert.equal(flushed.failures, []);
  assert.equal(flushed.stored, [0, 0]);
  assert.is(flushed.positions.indexed, 0);
  flushed.fixture.disk.setCapacity(1e9);
  flushed.fixture.scheduler.advance(3_000);
  assert.equal(flushed.stored, [0, 5_000]);
  assert.is(flushed.positions.indexed, 100);
});

test('a long round is followed by a longer pause', () => {
  const flushed = new Flushed();
  flushed.fixture.disk.syncDelayMs = (path) => {
    flushed.synced.push(path);
    return 900;
  };
  flushed.flusher.startTimers(1_000);
  for (let second = 0; second < 20; second++) {
    flushed.put('A', 5_000 + second);
    flushed.fixture.scheduler.advance(1_000);
  }
  // A round takes 1.8 s with its checkpoint, the pause four times that.
  assert.ok(flushed.synced.length <= 6, `${flushed.synced.length} syncs`);
});

test('a caller that comes while a round runs is covered by the next one', () => {
  const flushed = new Flushed();
  flushed.put('A', 5_000);
  flushed.flusher.flush(() => undefined);
  flushed.put('A', 7_000);
  let isDone = false;
  flushed.flusher.flush(() => {
    isDone = true;
  });
  flushed.fixture.scheduler.advance(100);
  assert.ok(isDone);
  assert.equal(flushed.stored, [0, 7_000]);
});
