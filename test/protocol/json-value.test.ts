import * as assert from 'uvu/assert';
import { isJsonArray, isJsonObject, JsonPairs } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('json value');

test('objects, arrays and pairs are told apart', () => {
  assert.equal([isJsonObject({}), isJsonArray({})], [true, false]);
  assert.equal([isJsonObject([]), isJsonArray([])], [false, true]);
  const pairs = new JsonPairs([]);
  assert.equal([isJsonObject(pairs), isJsonArray(pairs)], [false, false]);
  assert.equal(
    [isJsonObject(null), isJsonObject(undefined), isJsonObject('{}')],
    [false, false, false],
  );
});
