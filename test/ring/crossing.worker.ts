import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage, systemClock } from '../../src/base/index.ts';
import { Doorbell, FanIn, RingWriter } from '../../src/ring/index.ts';
import { DATA_START, DATA_WORD, HEAD_WORD, TAIL_WORD } from '../../src/ring/layout.ts';
import type { CrossingResult, CrossingTask } from './crossing.ts';
import {
  fillRecord,
  isRecordIntact,
  recordBytes,
  recordSeed,
  recordType,
} from './crossing-record.ts';

const task = workerData as CrossingTask;
const POLL_RECORDS = 100;
/** Every so many records a broken thread dawdles where it is most in danger. */
const DAWDLE_RECORDS = 64;
const DAWDLE_MS = 1;

const nowhere = new Int32Array(new SharedArrayBuffer(4));
const dawdle = (): void => {
  Atomics.wait(nowhere, 0, 0, DAWDLE_MS); // The other thread gets to run, even on a single core.
};

const memoryAt = (list: readonly SharedArrayBuffer[], index: number): SharedArrayBuffer => {
  const memory = list[index];
  if (memory === undefined) throw new Error(`no memory ${index}`);
  return memory;
};

const write = (): string | undefined => {
  const memory = memoryAt(task.rings, task.producerIndex);
  const writer = new RingWriter(memory);
  const all = new Int32Array(memory);
  const words = new Int32Array(memory, DATA_START);
  const bell = new Doorbell(task.bell);
  const room = new Doorbell(memoryAt(task.roomBells, task.producerIndex), {
    clock: systemClock,
    hasWork: () => writer.usedBytes <= writer.capacity / 2,
  });

  const publishEarly = (index: number, bytes: number, type: number): void => {
    const tail = Atomics.load(all, TAIL_WORD);
    const start = index - 8;
    all[DATA_WORD + (start >> 2)] = bytes + 8;
    all[DATA_WORD + (start >> 2) + 1] = type;
    const end = tail + ((start - tail) & (writer.capacity - 1)) + ((bytes + 15) & ~7);
    Atomics.store(all, TAIL_WORD, end | 0);
    bell.ring();
  };

  for (let sequence = 0; sequence < task.records; sequence++) {
    const seed = recordSeed(task.producerIndex, sequence);
    const bytes = recordBytes(seed, task.payloadBytesMax);
    const type = recordType(seed);
    let index = writer.claim(bytes, type);
    while (index < 0) {
      writer.publish();
      bell.ring();
      if (!room.waitSync(task.patienceMs)) return `writer: no room for ${task.patienceMs} ms`;
      index = writer.claim(bytes, type);
    }
    if ((seed & 15) === 0) {
      // A change of mind: what was written so far must never be seen.
      fillRecord(words, writer.bytes, index, index + bytes, ~seed);
      writer.abort();
      index = writer.claim(bytes, type);
    }
    if (task.fault === 'early-tail') {
      publishEarly(index, bytes, type);
      if (sequence % DAWDLE_RECORDS === 0) dawdle();
    }
    fillRecord(words, writer.bytes, index, index + bytes, seed);
    if (task.batch === 1) writer.commit();
    else writer.stage();
    if (sequence % task.batch === 0) {
      writer.publish();
      bell.ring();
    }
  }
  writer.publish();
  bell.ring();
  return undefined;
};

const read = (): CrossingResult => {
  const fanIn = new FanIn();
  for (const memory of task.rings) fanIn.add(memory);
  const words = task.rings.map((memory) => new Int32Array(memory, DATA_START));
  const all = task.rings.map((memory) => new Int32Array(memory));
  const roomBells = task.roomBells.map((memory) => new Doorbell(memory));
  const bell = new Doorbell(task.bell, { clock: systemClock, hasWork: () => !fanIn.isEmpty });
  const expected = task.rings.map(() => 0);
  let parks = 0;
  let received = 0;
  let fault: string | undefined;

  const take = (from: number, type: number, bytes: Buffer, start: number, end: number): void => {
    if (task.fault === 'early-head' && received % DAWDLE_RECORDS === 0) dawdle();
    const sequence = expected[from] as number;
    const seed = recordSeed(from, sequence);
    const isIntact =
      type === recordType(seed) &&
      end - start === recordBytes(seed, task.payloadBytesMax) &&
      isRecordIntact(words[from] as Int32Array, bytes, start, end, seed);
    if (!isIntact) fault ??= `reader: record ${sequence} of producer ${from} is damaged`;
    expected[from] = sequence + 1;
    received += 1;
  };

  try {
    while (received < task.records * task.producers && fault === undefined) {
      if (task.fault === 'early-head') {
        for (const ring of all) Atomics.store(ring, HEAD_WORD, Atomics.load(ring, TAIL_WORD));
      }
      const taken = fanIn.poll(take, POLL_RECORDS);
      for (const room of roomBells) room.ring();
      if (taken > 0) continue;
      parks += 1;
      if (bell.waitSync(task.patienceMs)) continue;
      fault = fanIn.isEmpty
        ? `reader: nothing came for ${task.patienceMs} ms`
        : 'reader: slept over a record (lost wake-up)';
    }
  } catch (error) {
    fault = `reader: ${errorMessage(error)}`;
  }
  return { received, parks, fault };
};

if (task.producerIndex < 0) parentPort?.postMessage(read());
else {
  const fault = write();
  if (fault !== undefined) parentPort?.postMessage({ received: -1, parks: 0, fault });
}
