import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  encodeProperties,
  parseProperties,
  rewriteSendProperties,
  SendProperties,
  sendPropertiesBytesMax,
  tagsCode,
} from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('send properties');
const CLUSTER = Buffer.from('DefaultCluster');
const result = new SendProperties();

const rewrite = (text: string): string => {
  const source = Buffer.from(`##${text}##`);
  const length = source.length - 4;
  const room = sendPropertiesBytesMax(length, CLUSTER);
  const target = Buffer.alloc(3 + room + 3, 0x78);
  rewriteSendProperties(source, 2, length, target, 3, CLUSTER, result);
  assert.ok(result.bytes <= room);
  assert.is(target.toString('latin1', 3 + room), 'xxx');
  const textAt = (start: number, bytes: number): string =>
    target.toString('utf8', start, start + bytes);
  keys = textAt(result.keysStart, result.keysBytes);
  uniqueKey = textAt(result.uniqueKeyStart, result.uniqueKeyBytes);
  return target.toString('utf8', 3, 3 + result.bytes);
};
let keys = '';
let uniqueKey = '';

test('WAIT is left out, the cluster comes last, the client keeps its order', () => {
  const text = encodeProperties([
    ['UNIQ_KEY', 'ABC'],
    ['WAIT', 'true'],
    ['TAGS', 'TagA'],
    ['KEYS', 'k1 k2'],
  ]);
  assert.is(
    rewrite(text),
    'UNIQ_KEY\u0001ABC\u0002TAGS\u0001TagA\u0002KEYS\u0001k1 k2\u0002CLUSTER\u0001DefaultCluster',
  );
  assert.is(result.tagsCode, 2598919);
  assert.is(result.isWaitStore, true);
  assert.is(uniqueKey, 'ABC');
  assert.is(keys, 'k1 k2');
});

test('a message without properties gets its cluster only', () => {
  assert.is(rewrite(''), 'CLUSTER\u0001DefaultCluster');
  assert.is(result.tagsCode, 0);
  assert.is(result.keysBytes + result.uniqueKeyBytes, 0);
});

test("a client's own cluster is replaced", () => {
  assert.is(
    rewrite('CLUSTER\u0001mine\u0002a\u0001b'),
    'a\u0001b\u0002CLUSTER\u0001DefaultCluster',
  );
});

test('not to wait, a half message and a delay are noticed', () => {
  rewrite('WAIT\u0001false\u0002TRAN_MSG\u0001TRUE\u0002DELAY\u00013');
  assert.is(result.isWaitStore, false);
  assert.is(result.isTransactionPrepared, true);
  assert.is(result.delayLevel, 3);
  rewrite('WAIT\u0001yes\u0002TRAN_MSG\u0001false\u0002DELAY\u0001-3');
  assert.is(result.isWaitStore, false, 'Java reads anything but true as false');
  assert.is(result.isTransactionPrepared, false);
  assert.is(result.delayLevel, 0);
  assert.is(result.isDelayMalformed, false);
});

test('a delay that is no int is reported, also one of 32 digits', () => {
  for (const delay of ['x', '1.5', '99999999999', '9'.repeat(32)]) {
    rewrite(`DELAY\u0001${delay}`);
    assert.is(result.isDelayMalformed, true, delay);
    assert.is(result.delayLevel, 0);
  }
});

test('a tag beyond ASCII has the hash of its characters', () => {
  rewrite('TAGS\u0001中文');
  assert.is(result.tagsCode, 646394);
});

test('it keeps what the parser would keep, and says what the parsed map says', () => {
  const part = fc.constantFrom(
    ...['\u0001', '\u0002', 'WAIT', 'TAGS', 'KEYS', 'CLUSTER', 'UNIQ_KEY', 'TRAN_MSG', 'DELAY'],
    ...['true', 'false', 'é', '7', 'x'],
  );
  const anyText = fc.array(part, { maxLength: 24 }).map((parts) => parts.join(''));
  const pairText = fc
    .array(fc.tuple(part, part), { maxLength: 8 })
    .map((pairs) => pairs.map(([name, value]) => `${name}\u0001${value}`).join('\u0002'));
  fc.assert(
    fc.property(fc.oneof(anyText, pairText), (text) => {
      const parsed = parseProperties(text);
      const stored = parseProperties(rewrite(text));
      const expected = new Map(parsed);
      expected.delete('WAIT');
      expected.set('CLUSTER', 'DefaultCluster');
      const sorted = (map: ReadonlyMap<string, string>) => [...map].sort();
      assert.equal(sorted(stored), sorted(expected));
      assert.is(result.tagsCode, tagsCode(parsed.get('TAGS')));
      assert.is(result.isWaitStore, (parsed.get('WAIT') ?? 'true').toLowerCase() === 'true');
      assert.is(result.isTransactionPrepared, parsed.get('TRAN_MSG')?.toLowerCase() === 'true');
      assert.is(keys, parsed.get('KEYS') ?? '');
      assert.is(uniqueKey, parsed.get('UNIQ_KEY') ?? '');
    }),
    { numRuns: 2000 },
  );
});
