import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import { dataBytesMax, decodeOpen, encodeOpen } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';

const test = suite('records of a pair');

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 40 }));
const open = fc.record(
  {
    id: int32,
    serverEpoch: int32,
    clientEpoch: int32,
    localHost: host,
    localPort: int32,
    remoteHost: host,
    remotePort: int32,
  },
  { noNullPrototype: true },
);

test('OPEN is read back as it was written, wherever it lies', () => {
  fc.assert(
    fc.property(open, fc.nat(64), (record, start) => {
      const payload = encodeOpen(record);
      const bytes = Buffer.concat([Buffer.alloc(start, 9), payload, Buffer.alloc(7, 9)]);
      equal(decodeOpen(bytes, start, start + payload.length), { ...record });
    }),
  );
});

test('any bytes are an OPEN or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const record = decodeOpen(Buffer.from(bytes), 0, bytes.length);
      ok(record === undefined || bytes.length >= 24);
    }),
  );
  is(decodeOpen(Buffer.alloc(100, 0xff), 0, 100), undefined, 'a host of negative length');
  is(decodeOpen(Buffer.alloc(23), 0, 23), undefined);
});

test('two records and padding fit into any ring', () => {
  for (const ringBytes of [1024, 65_536, 2 ** 24]) {
    const recordBytes = dataBytesMax(ringBytes) + 4 + 8;
    ok(recordBytes <= ringBytes / 4);
    ok(recordBytes <= 256 * 1024);
  }
});
