import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { readBinaryHeader, writeBinaryHeader } from '../../src/protocol/header-binary.ts';
import type { HeaderFacts } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('header binary');
const FACTS: HeaderFacts = {
  code: 105,
  language: 0,
  version: 397,
  opaque: 7,
  flag: 0,
  remark: undefined,
  extFields: { topic: 'TopicTest' },
};

test('the header is the one of the protocol description', () => {
  // Worked example of RocketMQ 4.9.2's GET_ROUTEINFO_BY_TOPIC request.
  assert.is(
    writeBinaryHeader(FACTS).toString('hex'),
    '006900018d000000070000000000000000000000140005746f70696300000009546f70696354657374',
  );
});

test('of two fields with one name the last wins, empty texts are kept', () => {
  const one = writeBinaryHeader({ ...FACTS, extFields: { k: 'first' } });
  const two = writeBinaryHeader({ ...FACTS, extFields: { k: '' } });
  const joined = Buffer.concat([one, two.subarray(21)]);
  joined.writeInt32BE(joined.length - 21, 17);
  assert.equal(readBinaryHeader(joined, 0, joined.length).extFields, { k: '' });
});

test('codes keep their low 16 bits and come back signed', () => {
  const read = (code: number): number => {
    const bytes = writeBinaryHeader({ ...FACTS, code });
    return readBinaryHeader(bytes, 0, bytes.length).code;
  };
  assert.is(read(200_050), 3442);
  assert.is(read(-1000), -1000);
});

test('any cut or any changed byte ends in a header or in the typed error', () => {
  const bytes = writeBinaryHeader({ ...FACTS, remark: 'remark', extFields: { a: 'b', cd: 'ef' } });
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length), (changes, end) => {
      const damaged = Buffer.from(bytes);
      for (const [at, value] of changes) damaged[at] = value;
      try {
        readBinaryHeader(damaged, 0, end);
      } catch (error) {
        assert.is(errorCode(error), 'HEADER_MALFORMED');
      }
    }),
    { numRuns: 2000 },
  );
});
