import fc from 'fast-check';
import { equal, is, ok, throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { createRing, FAN_IN_PRODUCERS_MAX, FanIn, RingWriter } from '../../src/ring/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('fan-in');

const open = (producers: number, ringBytes = 8192) => {
  const fanIn = new FanIn();
  const writers = Array.from({ length: producers }, () => {
    const memory = createRing(ringBytes);
    fanIn.add(memory);
    return new RingWriter(memory);
  });
  const put = (producerIndex: number, type: number): void => {
    const writer = writers[producerIndex];
    ok(writer !== undefined && writer.claim(0, type) >= 0);
    writer.commit();
  };
  return { fanIn, writers, put };
};

test('nothing comes from a fan-in without producers or without records', () => {
  is(
    new FanIn().poll(() => undefined, 10),
    0,
  );
  is(new FanIn().isEmpty, true);
  const { fanIn } = open(3);
  is(
    fanIn.poll(() => undefined, 10),
    0,
  );
  is(fanIn.isEmpty, true);
});

test('a busy producer does not starve the others', () => {
  const { fanIn, put } = open(3);
  for (let count = 1; count <= 500; count++) put(0, count);
  put(1, 1);
  put(2, 1);
  const seen = new Set<number>();
  fanIn.poll((producerIndex) => seen.add(producerIndex), 200);
  equal([...seen].sort(), [0, 1, 2]);
});

test('turns go round across polls however small the limit is', () => {
  const { fanIn, put } = open(3);
  for (let type = 1; type <= 4; type++) for (const index of [0, 1, 2]) put(index, type);
  const order: number[] = [];
  for (let poll = 0; poll < 6; poll++) fanIn.poll((index) => order.push(index), 1);
  equal(order, [0, 1, 2, 0, 1, 2]);
});

test('every record arrives once, in its producer’s order, within the limit (property)', () => {
  const load = fc.array(fc.array(fc.integer({ min: 1 }), { maxLength: 200 }), { maxLength: 6 });
  fc.assert(
    fc.property(load, fc.integer({ min: 1, max: 300 }), (queues, limit) => {
      const { fanIn, put } = open(queues.length);
      queues.forEach((types, index) => {
        for (const type of types) put(index, type);
      });
      const received: number[][] = queues.map(() => []);
      while (!fanIn.isEmpty) {
        const taken = fanIn.poll((index, type) => received[index]?.push(type), limit);
        ok(taken > 0 && taken <= limit);
      }
      equal(received, queues);
    }),
  );
});

test('a handler may remove the ring it is called for and add another', () => {
  const { fanIn, put } = open(2);
  put(0, 1);
  put(0, 2);
  put(1, 3);
  const seen: string[] = [];
  let added = -1;
  fanIn.poll((producerIndex, type) => {
    seen.push(`${producerIndex}:${type}`);
    if (type !== 1) return;
    fanIn.remove(0);
    added = fanIn.add(createRing(64));
  }, 10);
  equal(seen, ['0:1', '1:3']);
  is(added, 2, 'an index is not given out again in its own turn');
  is(fanIn.add(createRing(64)), 0);
});

test('a throwing handler ends the poll and the fan-in goes on afterwards', () => {
  const { fanIn, put } = open(2);
  put(0, 1);
  put(1, 2);
  throws(() => {
    fanIn.poll(() => {
      throw new Error('handler');
    }, 10);
  }, 'handler');
  const types: number[] = [];
  is(
    fanIn.poll((_index, type) => types.push(type), 10),
    1,
  );
  equal(types, [2]);
});

test('the number of producers is limited; removing an unknown one is a bug', () => {
  const { fanIn } = open(FAN_IN_PRODUCERS_MAX, 64);
  throws(
    () => fanIn.add(createRing(64)),
    (error: unknown) => errorCode(error) === 'PRODUCERS_TOO_MANY',
  );
  fanIn.remove(17);
  throws(
    () => fanIn.remove(17),
    (error: unknown) => errorCode(error) === 'ASSERTION',
  );
  is(fanIn.add(createRing(64)), 17);
});
