// Measures: the work of handing a record of 16 payload bytes over, writer and reader in one thread, so that no cache line
// and no wake-up travels: what is left is what each side executes. And a doorbell rung while nobody sleeps.
// Threads: 1. Unit: nanoseconds a record, or a ring of the bell, as `benchmark` samples it.
// Peers in the same run: ringbuf.js (four int32 a push) and a message port read synchronously.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { RingBuffer } from 'ringbuf.js';
import { assert, readInt32BE, writeInt32BE } from '../../src/base/index.ts';
import { createRing, Doorbell, RingReader, RingWriter } from '../../src/ring/index.ts';
import { report } from '../support/measure.ts';
import { sampled } from '../support/sampled.ts';

const RING_BYTES = 64 * 1024;
/** Records written before they are read. */
const RECORDS = 64;
const PAYLOAD_BYTES = 16;

const memory = createRing(RING_BYTES);
const writer = new RingWriter(memory);
const reader = new RingReader(memory);
let sum = 0;
const take = (_type: number, bytes: Buffer, start: number): void => {
  sum += readInt32BE(bytes, start);
};
const write = (value: number): void => {
  const index = writer.claim(PAYLOAD_BYTES, 1);
  writeInt32BE(writer.bytes, index, value);
};
const check = (name: string, records: number): void => {
  assert(sum === (records * (RECORDS + 1)) / 2, `${name}: records were lost`);
  sum = 0;
};

const committed = await sampled(RECORDS, () => {
  for (let value = 1; value <= RECORDS; value++) {
    write(value);
    writer.commit();
  }
  reader.poll(take, RECORDS);
});
check('commit', committed.operations);
report('ring/one-thread/commit', 'ns', committed);

const staged = await sampled(RECORDS, () => {
  for (let value = 1; value <= RECORDS; value++) {
    write(value);
    writer.stage();
  }
  writer.publish();
  reader.poll(take, RECORDS);
});
check('stage', staged.operations);
report('ring/one-thread/stage', 'ns', staged);

const peer = new RingBuffer(
  RingBuffer.getStorageForCapacity(RING_BYTES / 4, Int32Array),
  Int32Array,
);
const record = new Int32Array(PAYLOAD_BYTES / 4);
const pushed = await sampled(RECORDS, () => {
  for (let value = 1; value <= RECORDS; value++) {
    record[0] = value;
    peer.push(record);
  }
  for (let index = 0; index < RECORDS; index++) {
    peer.pop(record);
    sum += record[0] as number;
  }
});
check('ringbuf.js', pushed.operations);
report('ring/one-thread/ringbuf.js', 'ns', pushed);

const { port1, port2 } = new MessageChannel();
const posted = await sampled(RECORDS, () => {
  for (let value = 1; value <= RECORDS; value++) port1.postMessage({ type: 1, value });
  for (let index = 0; index < RECORDS; index++) sum += receiveMessageOnPort(port2)?.message.value;
});
check('postMessage', posted.operations);
report('ring/one-thread/postMessage', 'ns', posted);
port1.close();

const bell = new Doorbell(Doorbell.memory());
const rung = await sampled(RECORDS, () => {
  for (let index = 0; index < RECORDS; index++) sum += bell.ring() ? 1 : 0;
});
assert(sum === 0, 'nobody slept, and somebody was woken');
report('ring/one-thread/notify-nobody', 'ns', rung);
