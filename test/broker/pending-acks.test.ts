import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { PendingAcks } from '../../src/broker/pending-acks.ts';
import { suite } from '../support/suite.ts';

const test = suite('pending acks');

const add = (acks: PendingAcks, endPosition: number): void => {
  acks.push().endPosition = endPosition;
};

test('A1: a flush releases exactly the sends that end at or before it, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(200)), { maxLength: 60 }), (steps) => {
      const acks = new PendingAcks(1_000);
      const model: number[] = [];
      let end = 0;
      for (const [count, flushBack] of steps) {
        for (let index = 0; index < count; index++) {
          end += 7;
          add(acks, end);
          model.push(end);
        }
        const flushed = end - flushBack;
        const released: number[] = [];
        acks.release(flushed, (ack) => released.push(ack.endPosition));
        const expected = model.filter((position) => position <= flushed);
        model.splice(0, expected.length);
        assert.equal(released, expected);
        assert.is(acks.count, model.length);
      }
    }),
  );
});

test('it is full at its limit and has room again after a release', () => {
  const acks = new PendingAcks(3);
  for (const position of [1, 2, 3]) add(acks, position);
  assert.ok(acks.isFull);
  acks.release(1, () => undefined);
  assert.not.ok(acks.isFull);
  add(acks, 4);
  assert.ok(acks.isFull);
});

test('a released slot keeps no connection alive', () => {
  const acks = new PendingAcks(4);
  add(acks, 1);
  let slot: { peer: unknown } | undefined;
  acks.release(1, (ack) => {
    slot = ack;
  });
  assert.is(slot?.peer, undefined);
});
