import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import { readInt32BE } from '../../../src/base/index.ts';
import {
  RECORD_CLOSE,
  RECORD_DATA,
  RECORD_OPEN,
  WINDOW_BYTES,
} from '../../../src/transport/ring/records.ts';
import { StreamOutput } from '../../../src/transport/ring/stream-output.ts';
import { suite } from '../../support/suite.ts';
import { createOutput } from './fixture.ts';

const test = suite('a connection’s way out');

/** Two connections on a ring of 1,024 bytes, and who reads it. */
const create = () => {
  const { output, reader, giveRoom } = createOutput();
  const drains = [0, 0];
  const streams = [1, 2].map(
    (id, index) =>
      new StreamOutput(id, output, () => {
        drains[index] = (drains[index] as number) + 1;
      }),
  ) as [StreamOutput, StreamOutput];
  const got = [Buffer.alloc(0), Buffer.alloc(0)];
  const events: string[] = [];
  const read = (limit: number): number => {
    const records = reader.poll((type, bytes, start, end) => {
      const id = readInt32BE(bytes, start);
      events.push(
        `${type === RECORD_DATA ? 'data' : type === RECORD_CLOSE ? 'close' : 'open'} ${id}`,
      );
      if (type !== RECORD_DATA) return;
      got[id - 1] = Buffer.concat([got[id - 1] as Buffer, bytes.subarray(start + 4, end)]);
    }, limit);
    giveRoom();
    return records;
  };
  return { streams, drains, got, events, read };
};

test('T1: bytes of each connection arrive in the order written, whatever is full', () => {
  const step = fc.oneof(
    fc.record({ grant: fc.nat(1), credit: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ stream: fc.nat(1), bytes: fc.oneof(fc.nat(40), fc.nat(3000)) }),
    fc.record({ read: fc.nat(5) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { streams, got, read } = create();
      for (const stream of streams) stream.spend(WINDOW_BYTES - 1000);
      const credit = [1000, 1000];
      const sent = [Buffer.alloc(0), Buffer.alloc(0)];
      let fill = 0;
      for (const one of steps) {
        if ('read' in one) {
          read(one.read);
          continue;
        }
        if ('grant' in one) {
          (streams[one.grant] as StreamOutput).grant(one.credit);
          credit[one.grant] = (credit[one.grant] as number) + one.credit;
          continue;
        }
        fill += 1;
        const bytes = Buffer.alloc(one.bytes, fill);
        sent[one.stream] = Buffer.concat([sent[one.stream] as Buffer, bytes]);
        const isLent = fill % 2 === 0;
        const isTaken = (streams[one.stream] as StreamOutput).write(bytes, isLent);
        if (isTaken || isLent) bytes.fill(0xee); // What was taken belongs to the writer again.
      }
      do read(0);
      while (read(3) > 0);
      for (const [index, text] of got.entries())
        is(text.length, Math.min(credit[index] as number, (sent[index] as Buffer).length), 'T8');
      for (const stream of streams) stream.grant(WINDOW_BYTES);
      do read(0);
      while (read(3) > 0);
      equal(got, sent);
      ok(streams.every(({ isEmpty, pendingBytes }) => isEmpty && pendingBytes === 0));
    }),
  );
});

test('the close comes behind all that waits, and a drain is told once for each wait', () => {
  const { streams, drains, events, got, read } = create();
  const [first] = streams;
  is(first.write(Buffer.alloc(100)), true);
  is(first.write(Buffer.alloc(5000)), false);
  is(first.pendingBytes > 0, true);
  first.close();
  is(first.isEmpty, false);
  while (read(2) > 0);
  is(got[0]?.length, 5100);
  is(events.at(-1), 'close 1');
  is(events.filter((event) => event === 'close 1').length, 1);
  equal(drains, [1, 0]);
});

test('what was dropped is never written, and what comes behind it is', () => {
  const { streams, events, got, read } = create();
  const [first, second] = streams;
  first.write(Buffer.alloc(10_000, 1));
  second.write(Buffer.alloc(10, 2));
  first.drop();
  is(first.pendingBytes, 0);
  first.close();
  while (read(2) > 0);
  ok((got[0] as Buffer).length < 1100);
  is(got[1]?.length, 10);
  ok(events.includes('close 1'));
});

test('an OPEN that finds no room comes before the bytes written behind it', () => {
  const { streams, events, read } = create();
  const [first, second] = streams;
  first.write(Buffer.alloc(3000));
  const payload = Buffer.alloc(40);
  payload.writeInt32BE(2);
  second.open(payload);
  second.write(Buffer.from('x'));
  while (read(2) > 0);
  equal(
    events.filter((event) => event.endsWith('2')),
    ['open 2', 'data 2'],
  );
  is(RECORD_OPEN, 1);
});

test('T8: what is beyond the window waits and keeps nobody else waiting, and its end comes behind it', () => {
  const { streams, drains, events, got, read } = create();
  const [first, second] = streams;
  first.spend(WINDOW_BYTES - 3000);
  equal([first.canTake(3000), first.canTake(3001)], [true, false]);
  first.write(Buffer.alloc(5000, 1));
  second.write(Buffer.alloc(5000, 2));
  while (read(2) > 0);
  is(got[1]?.length, 5000);
  is(got[0]?.length, 3000);
  equal([first.isEmpty, first.canTake(1), first.pendingBytes], [false, false, 2000]);
  first.close();
  read(2);
  is(events.includes('close 1'), false);
  first.grant(2500);
  read(0);
  while (read(2) > 0);
  is(got[0]?.length, 5000);
  is(events.at(-1), 'close 1');
  equal(drains, [1, 1]);
});

test('a connection without a window that has written all ends at once, however full the ring is', () => {
  const { streams, events, read } = create();
  const [first, second] = streams;
  first.spend(WINDOW_BYTES);
  is(first.canTake(1), false);
  is(first.isEmpty, true);
  second.write(Buffer.alloc(5000));
  first.close();
  while (read(2) > 0);
  ok(events.includes('close 1'));
});
