// Writer and reader against a model that is nothing but a queue and three unbounded positions.
import fc from 'fast-check';
import { equal, is, ok, throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { createRing, RingReader, RingWriter } from '../../src/ring/index.ts';
import { HEAD_WORD, TAIL_WORD } from '../../src/ring/layout.ts';
import { suite } from '../support/suite.ts';

const test = suite('ring against its model');

interface ModelRecord {
  readonly type: number;
  readonly seed: number;
  readonly bytes: number;
  /** Where the record starts and ends, as positions that never wrap. */
  readonly start: bigint;
  readonly end: bigint;
}

interface Model {
  readonly capacity: bigint;
  /** Committed or staged, and not read. */
  records: ModelRecord[];
  position: bigint;
  published: bigint;
  head: bigint;
  seed: number;
}

interface Real {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  writer: RingWriter;
  reader: RingReader;
}

const roundUp = (bytes: number): bigint => (BigInt(bytes) + 7n) & ~7n;
const byteAt = (seed: number, index: number): number => (seed * 31 + index * 7) & 0xff;

const checkCounters = (model: Model, real: Real): void => {
  is(real.words[TAIL_WORD], Number(BigInt.asIntN(32, model.published)), 'tail');
  is(real.words[HEAD_WORD], Number(BigInt.asIntN(32, model.head)), 'head');
  ok(model.published - model.head >= 0n && model.published - model.head <= model.capacity, 'R1');
};

/** What `claim` must answer, and R5's padding. */
const modelClaim = (model: Model, payloadBytes: number): number => {
  const recordBytes = roundUp(payloadBytes + 8);
  const isFree = (bytes: bigint): boolean => model.position + bytes <= model.head + model.capacity;
  const bytesToEnd = model.capacity - (model.position % model.capacity);
  if (recordBytes > bytesToEnd) {
    if (!isFree(bytesToEnd)) return -1;
    model.position += bytesToEnd;
    model.published = model.position;
  }
  return isFree(recordBytes) ? Number(model.position % model.capacity) + 8 : -1;
};

type Ending = 'commit' | 'stage' | 'abort' | 'shorten' | 'die';
const asyncless = { check: () => true };

const write = (payloadBytes: number, type: number, ending: Ending): fc.Command<Model, Real> => ({
  ...asyncless,
  run(model, real) {
    if (payloadBytes > Number(model.capacity) - 8) {
      throws(
        () => real.writer.claim(payloadBytes, type),
        (error: unknown) => errorCode(error) === 'RECORD_TOO_LARGE',
      );
      return;
    }
    const index = real.writer.claim(payloadBytes, type);
    is(index, modelClaim(model, payloadBytes), 'index of the claim');
    if (index < 0) return;
    model.seed += 1;
    for (let at = 0; at < payloadBytes; at++)
      real.writer.bytes[index + at] = byteAt(model.seed, at);
    if (ending === 'die') {
      replaceWriter().run(model, real);
      return;
    }
    if (ending === 'abort') {
      real.writer.abort();
      checkCounters(model, real);
      return;
    }
    const bytes = ending === 'shorten' ? payloadBytes >> 1 : payloadBytes;
    if (ending === 'stage') real.writer.stage();
    else real.writer.commit(bytes);
    const end = model.position + roundUp(bytes + 8);
    model.records.push({ type, seed: model.seed, bytes, start: model.position, end });
    model.position = end;
    if (ending !== 'stage') model.published = end;
    checkCounters(model, real);
  },
  toString: () => `${ending}(${payloadBytes} bytes, type ${type})`,
});

const publish = (): fc.Command<Model, Real> => ({
  ...asyncless,
  run(model, real) {
    real.writer.publish();
    model.published = model.position;
    checkCounters(model, real);
  },
  toString: () => 'publish()',
});

const poll = (limit: number, throwsAt: number): fc.Command<Model, Real> => ({
  ...asyncless,
  run(model, real) {
    const available = model.records.filter((record) => record.end <= model.published);
    const expected = available.slice(0, Math.min(limit, throwsAt));
    let taken = 0;
    const take = (type: number, bytes: Buffer, start: number, end: number): void => {
      const record = available[taken];
      taken += 1;
      ok(record !== undefined, 'nothing unpublished is delivered');
      equal({ type, bytes: end - start }, { type: record.type, bytes: record.bytes });
      for (let at = start; at < end; at++)
        is(bytes[at], byteAt(record.seed, at - start), 'payload');
      if (taken === throwsAt) throw new Error('handler');
    };
    if (throwsAt <= Math.min(limit, available.length)) {
      throws(() => real.reader.poll(take, limit), 'handler');
    } else is(real.reader.poll(take, limit), expected.length);
    is(taken, expected.length);
    model.records = model.records.slice(taken);
    // Padding before the next record may have been passed or not.
    const headMin = expected.at(-1)?.end ?? model.head;
    const nextStart = model.records[0]?.start ?? model.published;
    model.head += BigInt(
      ((real.words[HEAD_WORD] as number) - Number(BigInt.asIntN(32, model.head))) | 0,
    );
    ok(
      model.head >= headMin && model.head <= nextStart && model.head <= model.published,
      'head stands between two records',
    );
    is(real.writer.usedBytes, Number(model.position - model.head));
    is(real.reader.usedBytes, Number(model.published - model.head));
    checkCounters(model, real);
  },
  toString: () =>
    `poll(${limit}, ${throwsAt === Number.POSITIVE_INFINITY ? '' : `throws at ${throwsAt}`})`,
});

const look = (): fc.Command<Model, Real> => ({
  ...asyncless,
  run(model, real) {
    is(real.reader.isEmpty, model.published === model.head);
  },
  toString: () => 'isEmpty',
});

const replaceWriter = (): fc.Command<Model, Real> => ({
  ...asyncless,
  run(model, real) {
    real.writer = new RingWriter(real.memory);
    model.records = model.records.filter((record) => record.end <= model.published); // R8
    model.position = model.published;
    checkCounters(model, real);
  },
  toString: () => 'a new writer',
});

const replaceReader = (): fc.Command<Model, Real> => ({
  ...asyncless,
  run(model, real) {
    real.reader = new RingReader(real.memory);
    checkCounters(model, real);
  },
  toString: () => 'a new reader',
});

// Sizes about a record, about half a ring and about the whole of it, so that padding and refusals are common.
const payloads = (capacity: number) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: capacity }) },
    { weight: 1, arbitrary: fc.integer({ min: capacity - 16, max: capacity + 8 }) },
  );
const endings = fc.constantFrom<Ending>(
  ...(['commit', 'commit', 'commit', 'stage', 'stage', 'abort', 'shorten', 'die'] as const),
);
const types = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(2 ** 31 - 1));
const throwing = fc.oneof(
  { weight: 9, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
);
const limits = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(1000));

const commands = (capacity: number) =>
  fc.commands(
    [
      fc.tuple(payloads(capacity), types, endings).map((given) => write(...given)),
      fc.tuple(payloads(capacity), types, endings).map((given) => write(...given)),
      fc.tuple(limits, throwing).map((given) => poll(...given)),
      fc.constant(publish()),
      fc.constant(look()),
      fc.constant(replaceWriter()),
      fc.constant(replaceReader()),
    ],
    { maxCommands: 200, size: 'max' },
  );

const runFrom = (startPosition: number, capacity: number, numRuns: number): void => {
  fc.assert(
    fc.property(commands(capacity), (sequence) => {
      const memory = createRing(capacity, startPosition);
      const start = BigInt(startPosition);
      const model: Model = {
        capacity: BigInt(capacity),
        records: [],
        position: start,
        published: start,
        head: start,
        seed: 0,
      };
      const real: Real = {
        memory,
        words: new Int32Array(memory),
        writer: new RingWriter(memory),
        reader: new RingReader(memory),
      };
      fc.modelRun(() => ({ model, real }), sequence);
    }),
    { numRuns },
  );
};

const STARTS: readonly (readonly [string, number])[] = [
  ['zero', 0],
  ['2^31, where an int32 turns negative', 2 ** 31 - 256],
  ['2^32, where the counters wrap', 2 ** 32 - 256],
  ['2^53, where a double would lose count', 2 ** 53 - 256],
];
for (const [name, startPosition] of STARTS) {
  test(`R1–R5, R8: any sequence of calls agrees with a queue from ${name}`, () => {
    for (const capacity of [64, 128, 512]) runFrom(startPosition, capacity, 300);
  });
}
