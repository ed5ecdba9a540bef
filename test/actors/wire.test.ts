import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { ActorRef } from '../../src/actors/index.ts';
import { type Address, decodeRecord, encodeRecord } from '../../src/actors/wire.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/wire');

const refOf = ({ shard, id }: Address): ActorRef<never> & { readonly shard: string } => ({
  shard,
  id,
  tell: () => true,
  run: () => false,
});
const addressOf = (ref: ActorRef<never>): Address => ref as ReturnType<typeof refOf>;
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner) => (inner === undefined ? '<undefined>' : inner)));

const roundTrip = (message: unknown): unknown =>
  decodeRecord(encodeRecord('to', message, addressOf), refOf).message;

test('plain data comes out as it went in, refs by their address', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.record({ shard: fc.string(), id: fc.string() }, { noNullPrototype: true }).map(refOf),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ minLength: 1 }), tie('value'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  }));
  void fc.assert(
    fc.property(value, (message) => {
      const record = decodeRecord(encodeRecord('a/b', message, addressOf), refOf);
      assert.is(record.to, 'a/b');
      assert.equal(plain(record.message), plain(message));
    }),
  );
});

test('bytes, dates, maps and 64-bit integers survive', () => {
  const message = {
    bytes: Buffer.from('body'),
    at: new Date(5),
    map: new Map([['a', 1]]),
    big: 1n << 60n,
  };
  const back = roundTrip(message) as typeof message;
  assert.equal(Buffer.from(back.bytes).toString(), 'body');
  assert.equal([back.at.getTime(), back.map.get('a'), back.big], [5, 1, 1n << 60n]);
});

test('functions, instances and cycles are refused with the target named', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  for (const message of [() => 1, { deep: [Symbol('x')] }, new (class Odd {})(), cycle]) {
    assert.throws(
      () => encodeRecord('a/b', message, addressOf),
      (error: { code: string; details: { to: string } }) =>
        error.code === 'MESSAGE_NOT_PLAIN' && error.details.to === 'a/b',
    );
  }
});
