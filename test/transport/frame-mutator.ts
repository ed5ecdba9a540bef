import type { Random } from '../../src/base/index.ts';

/** Numbers where readers break: around the signs, sizes and limits of the fields. */
const EDGES = [
  0, 1, 2, 3, 4, 5, 7, 8, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 0xff_ffff, 0x100_0000,
  0x7fff_ffff, -1, -2, -0x8000_0000,
];
const JSON_EDGES = [
  'null',
  'true',
  '-1',
  '1e999',
  '9223372036854775807',
  '92233720368547758079',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '[]',
  '{}',
  '{"a":{"b":[1,{"$ref":"$"}]}}',
  "'x'",
  'NaN',
  '0x10',
  '{1:2}',
  '"\\',
  `${'['.repeat(5000)}`,
  `${'{"a":'.repeat(5000)}`,
  '{"__proto__":{"x":1}}',
  `"${'A'.repeat(40_000)}"`,
];

type Mutation = (frame: Buffer, random: Random, pick: () => Buffer) => Buffer;

const edge = (random: Random): number => EDGES[random.below(EDGES.length)] ?? 0;

/** Writes an edge number over four bytes at `at`. */
const overwrite = (frame: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(frame);
  if (at + 4 <= copy.length) copy.writeInt32BE(value | 0, at);
  return copy;
};

/** Makes the length words true again, so that a changed header or body reaches the readers behind the decoder. */
const reframe = (headerType: number, header: Buffer, body: Buffer): Buffer => {
  const prefix = Buffer.alloc(8);
  prefix.writeInt32BE(4 + header.length + body.length, 0);
  prefix.writeUInt32BE(((headerType & 0xff) * 0x100_0000 + (header.length & 0xff_ffff)) >>> 0, 4);
  return Buffer.concat([prefix, header, body]);
};

const parts = (frame: Buffer): { headerType: number; header: Buffer; body: Buffer } => {
  const headerBytes = frame.length >= 8 ? frame.readUInt32BE(4) & 0xff_ffff : 0;
  return {
    headerType: frame[4] ?? 0,
    header: Buffer.from(frame.subarray(8, 8 + headerBytes)),
    body: Buffer.from(frame.subarray(8 + headerBytes)),
  };
};

const inHeader =
  (change: (header: Buffer, random: Random) => Buffer): Mutation =>
  (frame, random) => {
    const { headerType, header, body } = parts(frame);
    return reframe(headerType, change(header, random), body);
  };

const MUTATIONS: readonly Mutation[] = [
  (frame, random) => {
    const copy = Buffer.from(frame);
    for (let count = 1 + random.below(8); count > 0; count--) {
      copy[random.below(copy.length)] = random.below(256);
    }
    return copy;
  },
  (frame, random) => overwrite(frame, 0, edge(random)),
  (frame, random) => overwrite(frame, 4, edge(random)),
  (frame, random) => overwrite(frame, random.below(frame.length), edge(random)),
  (frame, random) => frame.subarray(0, random.below(frame.length)),
  (frame, random, pick) => Buffer.concat([frame.subarray(0, random.below(frame.length)), pick()]),
  (frame, _, pick) => Buffer.concat([frame, pick()]),
  (frame, random) => {
    const { header, body } = parts(frame);
    return reframe(random.below(256), header, body);
  },
  inHeader((header, random) => {
    const copy = Buffer.from(header);
    for (let count = 1 + random.below(4); count > 0 && copy.length > 0; count--) {
      copy[random.below(copy.length)] = random.below(256);
    }
    return copy;
  }),
  inHeader((header, random) => header.subarray(0, random.below(header.length + 1))),
  inHeader((header, random) => overwrite(header, random.below(header.length + 1), edge(random))),
  // Another value in place of one of a JSON header.
  inHeader((header, random) => {
    const text = header.toString('latin1');
    const values = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d+)/g)];
    const value = values[random.below(values.length)];
    if (value === undefined) return header;
    const start = (value.index ?? 0) + 1;
    const replaced = JSON_EDGES[random.below(JSON_EDGES.length)] ?? '';
    return Buffer.from(
      text.slice(0, start) + replaced + text.slice(start + value[0].length - 1),
      'latin1',
    );
  }),
  (frame, random) => {
    const { headerType, header } = parts(frame);
    return reframe(headerType, header, Buffer.alloc(random.below(70_000), random.below(256)));
  },
  (_, random) => Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256))),
];

/** A frame damaged in one to three ways that know where its fields are. */
export const mutate = (frames: readonly Buffer[], random: Random): Buffer => {
  const pick = (): Buffer => frames[random.below(frames.length)] ?? Buffer.alloc(0);
  let frame = pick();
  for (let count = 1 + random.below(3); count > 0; count--) {
    if (frame.length === 0) return frame;
    frame = MUTATIONS[random.below(MUTATIONS.length)]?.(frame, random, pick) ?? frame;
  }
  return frame;
};
