import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode, FRAME_BYTES_MAX } from '../../src/base/index.ts';
import {
  FrameDecoder,
  type FrameSink,
  frameFaultText,
  HEADER_TYPE,
  type PushOutcome,
  writeFramePrefix,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { frameOf, pullHeader, sendHeader } from './frames.ts';

const test = suite('frame');

/** Keeps copies of the frames it gets; stops after each `stopEvery`-th. */
class Collector implements FrameSink {
  readonly frames: string[] = [];
  readonly buffers = new Set<Buffer>();
  stopEvery = Number.POSITIVE_INFINITY;

  onFrame(buffer: Buffer, frameStart: number, frameEnd: number): boolean {
    this.buffers.add(buffer);
    this.frames.push(buffer.toString('hex', frameStart, frameEnd));
    return this.frames.length % this.stopEvery !== 0;
  }
}

const pushAll = (chunks: readonly Buffer[], sink: Collector): PushOutcome => {
  const decoder = new FrameDecoder();
  let outcome: PushOutcome = 'taken';
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk);
    outcome = decoder.push(reused, sink);
    while (outcome === 'stopped') outcome = decoder.push(Buffer.alloc(0), sink);
    reused.fill(0xee); // A chunk is valid during the call only.
    if (outcome !== 'taken') break;
  }
  return outcome;
};

const cutAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const points = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])];
  points.sort((left, right) => left - right);
  return points.slice(1).map((end, index) => bytes.subarray(points[index], end));
};

test('frames come out whole and in order, however the stream is cut and wherever the sink stops', () => {
  const body = fc.uint8Array({ maxLength: 900 }).map((bytes) => Buffer.from(bytes));
  const frame = fc
    .tuple(fc.constantFrom(sendHeader(1), pullHeader(2), ''), fc.constantFrom(0, 1), body)
    .map(([header, type, bytes]) => frameOf(header, type as 0 | 1, bytes));
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      (frames, cuts, stopEvery) => {
        const sink = new Collector();
        sink.stopEvery = stopEvery;
        const outcome = pushAll(cutAt(Buffer.concat(frames), cuts), sink);
        assert.is(outcome, 'taken');
        assert.equal(
          sink.frames,
          frames.map((each) => each.toString('hex')),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('a stream that comes byte by byte is decoded', () => {
  const frames = [frameOf(sendHeader(1)), frameOf('', 1), frameOf(pullHeader(3))];
  const sink = new Collector();
  pushAll(
    [...Buffer.concat(frames)].map((byte) => Buffer.from([byte])),
    sink,
  );
  assert.is(sink.frames.length, 3);
});

test('complete frames are handed over where they lie, without a copy', () => {
  const chunk = Buffer.concat([frameOf(sendHeader(1)), frameOf(sendHeader(2))]);
  const sink = new Collector();
  new FrameDecoder().push(chunk, sink);
  assert.is(sink.frames.length, 2);
  assert.equal([...sink.buffers], [chunk]);
});

const faultOf = (bytes: Buffer | string): PushOutcome => {
  const sink = new Collector();
  const decoder = new FrameDecoder();
  const outcome = decoder.push(Buffer.from(bytes), sink);
  assert.is(sink.frames.length, 0);
  assert.is(decoder.keptCapacity, 0, 'a fault keeps nothing');
  assert.is(decoder.push(frameOf(sendHeader(1)), sink), outcome, 'D2: a fault is final');
  assert.is(sink.frames.length, 0);
  return outcome;
};

const int32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value | 0, index * 4);
  return bytes;
};

test('bad lengths are refused at the first bytes that show them', () => {
  assert.is(faultOf(int32(-1)), 'NEGATIVE_LENGTH');
  assert.is(faultOf(int32(-0x80000000)), 'NEGATIVE_LENGTH');
  for (const length of [0, 1, 3]) assert.is(faultOf(int32(length)), 'TINY_LENGTH');
  assert.is(faultOf(int32(FRAME_BYTES_MAX - 3)), 'FRAME_TOO_LONG');
  assert.is(faultOf(int32(0x7fffffff)), 'FRAME_TOO_LONG');
  assert.is(faultOf(int32(100, 97)), 'HEADER_TOO_LONG');
  assert.is(faultOf(int32(100, 0xffffff)), 'HEADER_TOO_LONG');
  assert.is(faultOf(int32(100, 0x02000004)), 'UNKNOWN_HEADER_TYPE');
  assert.is(faultOf(int32(100, -1)), 'UNKNOWN_HEADER_TYPE');
});

test('a positional header is taken only where it was asked for, and nothing beyond', () => {
  const frame = frameOf('twelve bytes', HEADER_TYPE.POSITIONAL);
  assert.is(new FrameDecoder().push(frame, new Collector()), 'UNKNOWN_HEADER_TYPE');
  const decoder = new FrameDecoder(FRAME_BYTES_MAX, HEADER_TYPE.POSITIONAL);
  const sink = new Collector();
  for (const headerType of [2, 0, 1] as const) {
    assert.is(decoder.push(frameOf('header', headerType), sink), 'taken');
  }
  assert.is(sink.frames.length, 3);
  frame[4] = 3;
  assert.is(decoder.push(frame, sink), 'UNKNOWN_HEADER_TYPE');
});

test('the longest frame is taken, one byte more is not', () => {
  const decoder = new FrameDecoder(64);
  const sink = new Collector();
  assert.is(decoder.push(frameOf('', 0, Buffer.alloc(56)), sink), 'taken');
  assert.is(sink.frames.length, 1);
  assert.is(decoder.push(frameOf('', 0, Buffer.alloc(57)), sink), 'FRAME_TOO_LONG');
});

test('visitors of other protocols are recognized', () => {
  for (const line of ['GET / HTTP/1.1\r\n', 'POST /x HTTP/1.1', 'PRI * HTTP/2.0', 'OPTIONS *']) {
    assert.is(faultOf(line), 'HTTP_REQUEST', line);
  }
  assert.is(faultOf(Buffer.from('16030100c8010000c4', 'hex')), 'TLS_HELLO');
  assert.is(faultOf('PROXY TCP4 1.1.1.1'), 'PROXY_PROTOCOL');
  assert.is(faultOf('SSH-2.0-OpenSSH'), 'FRAME_TOO_LONG');
  assert.match(frameFaultText('HTTP_REQUEST'), /HTTP/);
});

test('memory grows with what arrived, never with a claimed length', () => {
  // D1
  const decoder = new FrameDecoder();
  const sink = new Collector();
  decoder.push(int32(FRAME_BYTES_MAX - 4, 4), sink);
  assert.ok(decoder.keptCapacity <= 1024);
  let arrived = 8;
  for (let chunk = 0; chunk < 50; chunk++) {
    decoder.push(Buffer.alloc(1000), sink);
    arrived += 1000;
    assert.is(decoder.keptBytes, arrived);
    assert.ok(decoder.keptCapacity <= Math.max(2 * arrived, 1024));
  }
});

test('a large buffer is let go when its frame is done', () => {
  const decoder = new FrameDecoder();
  const sink = new Collector();
  const frame = frameOf('', 0, Buffer.alloc(200_000));
  decoder.push(frame.subarray(0, 100_000), sink);
  decoder.push(frame.subarray(100_000), sink);
  assert.is(sink.frames.length, 1);
  assert.is(decoder.keptCapacity, 0);
});

test('random bytes end in frames or a named fault', () => {
  const known = ['taken', 'NEGATIVE_LENGTH', 'TINY_LENGTH', 'FRAME_TOO_LONG', 'HEADER_TOO_LONG'];
  const all = new Set([
    ...known,
    'UNKNOWN_HEADER_TYPE',
    'HTTP_REQUEST',
    'TLS_HELLO',
    'PROXY_PROTOCOL',
  ]);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0, 1, 4, 9, 20, 255), { maxLength: 80 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      (bytes, cuts) => {
        assert.ok(all.has(pushAll(cutAt(Buffer.from(bytes), cuts), new Collector())));
      },
    ),
    { numRuns: 2000 },
  );
});

test('a frame beyond the limit is not written', () => {
  assert.throws(
    () => writeFramePrefix(Buffer.alloc(8), 0, 0, 100, FRAME_BYTES_MAX),
    (error: unknown) => errorCode(error) === 'FRAME_TOO_LONG',
  );
});
