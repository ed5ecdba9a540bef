import * as assert from 'uvu/assert';
import { LogFlusher } from '../../src/storage/log-flusher.ts';
import { suite } from '../support/suite.ts';
import { LogFixture } from './log-fixture.ts';

const test = suite('storage/log-flusher');

class Flushed {
  readonly fixture = new LogFixture();
  readonly positions: number[] = [];
  readonly synced: string[] = [];
  failures: Error[] = [];
  readonly flusher: LogFlusher;

  constructor() {
    const { fixture } = this;
    fixture.disk.syncDelayMs = (path) => {
      this.synced.push(path.slice(-4));
      return 10;
    };
    this.flusher = new LogFlusher(fixture.log, fixture.scheduler, {
      onFlushed: (position) => void this.positions.push(position),
      onFailed: (error) => void this.failures.push(error),
      lastStoreTimestamp: () => fixture.clock.now(),
    });
  }

  advance(ms: number): void {
    this.fixture.scheduler.advance(ms);
  }
}

test('requests of one turn share one sync, and it covers all of them', () => {
  const flushed = new Flushed();
  for (let index = 0; index < 5; index++) {
    flushed.fixture.put('x');
    flushed.flusher.request();
  }
  flushed.advance(11);
  assert.equal(flushed.positions, [flushed.fixture.positions.appended]);
  assert.is(flushed.synced.length, 1);
});

test('F2: what is appended while a sync runs is covered by the next one', () => {
  const flushed = new Flushed();
  flushed.fixture.put('a');
  const first = flushed.fixture.positions.appended;
  flushed.flusher.request();
  flushed.advance(5);
  flushed.fixture.put('b');
  flushed.flusher.request();
  flushed.advance(6);
  assert.equal(flushed.positions, [first]);
  assert.is(flushed.fixture.positions.flushed, first);
  flushed.advance(11);
  assert.equal(flushed.positions, [first, flushed.fixture.positions.appended]);
});

test('F1: a segment is durable before a byte of the next one counts as flushed', () => {
  const flushed = new Flushed();
  while (flushed.fixture.positions.appended < 5000) flushed.fixture.put('x'.repeat(200));
  flushed.flusher.request();
  flushed.advance(100);
  assert.equal(flushed.positions, [2048, 4096, flushed.fixture.positions.appended]);
  assert.equal(flushed.synced, ['0000', '2048', '4096']);
});

test('nothing is flushed twice', () => {
  const flushed = new Flushed();
  flushed.flusher.startTimer(500);
  flushed.fixture.put('a');
  flushed.advance(5_000);
  assert.is(flushed.synced.length, 1);
  flushed.fixture.put('b');
  flushed.advance(5_000);
  assert.is(flushed.synced.length, 2);
  flushed.flusher.stop();
  flushed.fixture.put('c');
  flushed.advance(5_000);
  assert.is(flushed.synced.length, 2);
});

test('F3: the first failed sync is the last, and everyone who waits is told', () => {
  const flushed = new Flushed();
  const told: (Error | undefined)[] = [];
  flushed.fixture.put('a');
  flushed.fixture.disk.failNextSync('/log');
  flushed.flusher.wait((error) => told.push(error));
  flushed.advance(50);
  assert.is(flushed.failures.length, 1);
  assert.is(told.length, 1);
  assert.ok(told[0]);
  flushed.fixture.put('b');
  flushed.flusher.request();
  flushed.flusher.wait((error) => told.push(error));
  flushed.advance(50);
  assert.equal(flushed.positions, []);
  assert.is(flushed.fixture.positions.flushed, 0);
  assert.is(told.length, 2);
  assert.ok(told[1]);
  assert.is(flushed.synced.length, 1);
});

test('a waiter is told once its own bytes are durable, not earlier', () => {
  const flushed = new Flushed();
  const told: number[] = [];
  flushed.fixture.put('a');
  flushed.flusher.wait(() => told.push(1));
  flushed.advance(5);
  flushed.fixture.put('b');
  flushed.flusher.wait(() => told.push(2));
  flushed.advance(6);
  assert.equal(told, [1]);
  flushed.advance(11);
  assert.equal(told, [1, 2]);
  flushed.flusher.wait(() => told.push(3));
  assert.equal(told, [1, 2], 'never in the turn of the call');
  flushed.advance(1);
  assert.equal(told, [1, 2, 3]);
});

test('while it is held nothing is synced, and all is once it is released', () => {
  const flushed = new Flushed();
  flushed.flusher.hold();
  flushed.fixture.put('a');
  flushed.flusher.request();
  flushed.advance(100);
  assert.equal(flushed.synced, []);
  flushed.flusher.release();
  flushed.advance(11);
  assert.equal(flushed.positions, [flushed.fixture.positions.appended]);
});

test('bytes cleared behind the end are synced although no record is new', () => {
  const flushed = new Flushed();
  flushed.flusher.request();
  flushed.advance(100);
  assert.equal(flushed.synced, []);
  flushed.flusher.markTailDirty();
  flushed.flusher.request();
  flushed.advance(100);
  assert.is(flushed.synced.length, 1);
});

test('the store time of the last durable record is not that of one behind it', () => {
  const flushed = new Flushed();
  const { fixture, flusher } = flushed;
  fixture.put('a');
  const first = fixture.clock.now();
  flusher.request();
  flushed.advance(5);
  fixture.put('b');
  flushed.advance(6);
  assert.is(flusher.flushedStoreTimestamp, first);
});
