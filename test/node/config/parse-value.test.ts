import * as assert from 'uvu/assert';
import { parseValue } from '../../../src/node/config/parse-value.ts';
import { choice, flag, int, long, text, within } from '../../../src/node/config/property.ts';
import { suite } from '../../support/suite.ts';

const test = suite('parse value');

test('integers are taken as Java takes them', () => {
  const property = int(1, 'n');
  assert.is(parseValue(property, '10911').value, 10_911);
  assert.is(parseValue(property, '+7').value, 7);
  assert.is(parseValue(property, '-2147483648').value, -2_147_483_648);
  for (const bad of ['', ' 1', '1 ', '1.5', '0x10', '1_000', '2147483648', 'ten']) {
    const parsed = parseValue(property, bad);
    assert.is(parsed.value, undefined, bad);
    assert.ok(parsed.problem?.includes(JSON.stringify(bad)));
    assert.not.ok(parsed.isFatal);
  }
});

test('a long beyond 2^53 saturates', () => {
  assert.is(parseValue(long(1, 'n'), '9223372036854775807').value, Number.MAX_SAFE_INTEGER);
});

test('a number out of its range stops the start', () => {
  const parsed = parseValue(within(0, 65_535, int(1, 'n')), '70000');
  assert.is(parsed.value, undefined);
  assert.ok(parsed.isFatal);
});

test('only "true" is true, in any case; what is neither is said', () => {
  const property = flag(true, 'b');
  assert.equal(parseValue(property, 'TRUE'), { value: true });
  assert.equal(parseValue(property, 'false'), { value: false });
  for (const odd of ['true ', 'yes', '1', '']) {
    assert.is(parseValue(property, odd).value, false);
    assert.ok(parseValue(property, odd).problem);
  }
});

test('a misspelt choice stops the start', () => {
  const property = choice(['ASYNC_FLUSH', 'SYNC_FLUSH'], 'ASYNC_FLUSH', 'c');
  assert.equal(parseValue(property, 'SYNC_FLUSH'), { value: 'SYNC_FLUSH' });
  assert.ok(parseValue(property, 'SYNC_FLUSH ').isFatal);
  assert.ok(parseValue(property, 'sync_flush').problem?.includes('ASYNC_FLUSH, SYNC_FLUSH'));
});

test('text is kept to the last blank', () => {
  assert.equal(parseValue(text('', 's'), ' a  '), { value: ' a  ' });
});
