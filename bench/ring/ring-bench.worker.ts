import { parentPort, workerData } from 'node:worker_threads';
import { RingBuffer } from 'ringbuf.js';
import { systemClock, writeInt32BE } from '../../src/base/index.ts';
import { Doorbell, RingReader, RingWriter } from '../../src/ring/index.ts';

/** What the bench asks its second thread to do. */
export interface RingBenchTask {
  readonly kind:
    | 'commit'
    | 'stage'
    | 'ringbuf'
    | 'message'
    | 'echo-wait'
    | 'echo-park'
    | 'echo-message';
  readonly count: number;
  /** Ring to the bench thread, and ring from it. */
  readonly there: SharedArrayBuffer;
  readonly back: SharedArrayBuffer;
  readonly bellThere: SharedArrayBuffer;
  readonly bellBack: SharedArrayBuffer;
  /** One word: 1 once the bench thread is ready. */
  readonly go: SharedArrayBuffer;
}

/** Records of one batch where batches are measured. */
const BATCH = 32;

const task = workerData as RingBenchTask;
const port = parentPort;
if (port === null) throw new Error('this module is started as a worker');

const writeRecords = (batch: number): void => {
  const writer = new RingWriter(task.there);
  for (let sequence = 0; sequence < task.count; sequence++) {
    let index = writer.claim(16, 1);
    while (index < 0) {
      writer.publish();
      index = writer.claim(16, 1);
    }
    writeInt32BE(writer.bytes, index, sequence);
    if (batch === 1) writer.commit();
    else {
      writer.stage();
      if (sequence % batch === 0) writer.publish();
    }
  }
  writer.publish();
};

const writeRingbuf = (): void => {
  const ring = new RingBuffer(task.there, Int32Array);
  const record = new Int32Array(4); // As many bytes as the payload above.
  for (let sequence = 0; sequence < task.count; sequence++) {
    record[0] = sequence;
    while (ring.availableWrite() < record.length);
    ring.push(record);
  }
};

const echo = (): { hasRecord: () => boolean; answerOne: () => void; bell: Doorbell } => {
  const reader = new RingReader(task.back);
  const writer = new RingWriter(task.there);
  const bellThere = new Doorbell(task.bellThere);
  const answer = (type: number): void => {
    if (writer.claim(16, type) >= 0) writer.commit();
  };
  const hasRecord = (): boolean => !reader.isEmpty;
  const bell = new Doorbell(task.bellBack, { hasWork: hasRecord, clock: systemClock, spinUs: 0 });
  return { hasRecord, answerOne: () => reader.poll(answer, 1) === 1 && bellThere.ring(), bell };
};

const echoWaiting = (): void => {
  const { answerOne, bell } = echo();
  for (let round = 0; round < task.count; round++) {
    bell.waitSync(10_000);
    answerOne();
  }
};

const echoParked = (): void => {
  const { hasRecord, answerOne, bell } = echo();
  let answered = 0;
  const turn = (): void => {
    do {
      while (hasRecord()) {
        answerOne();
        answered += 1;
      }
      if (answered === task.count) {
        bell.close();
        return;
      }
    } while (!bell.park(turn));
  };
  turn();
};

const run = (): void => {
  if (task.kind === 'commit') writeRecords(1);
  if (task.kind === 'stage') writeRecords(BATCH);
  if (task.kind === 'ringbuf') writeRingbuf();
  if (task.kind === 'echo-wait') echoWaiting();
  if (task.kind === 'echo-park') echoParked();
  if (task.kind === 'message') {
    for (let sequence = 0; sequence < task.count; sequence++)
      port.postMessage({ type: 1, sequence });
  }
  if (task.kind === 'echo-message') {
    let answered = 0;
    port.on('message', () => {
      port.postMessage(1);
      answered += 1;
      if (answered === task.count) port.close();
    });
  }
};

port.postMessage('ready');
const go = new Int32Array(task.go);
Atomics.wait(go, 0, 0);
run();
