import * as assert from 'uvu/assert';
import { type JsonPairs, parseJson } from '../../src/protocol/index.ts';
import { resolveReferences } from '../../src/protocol/json-references.ts';
import { readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('json references');

test('a reference of the Java writer is resolved', () => {
  for (const { input, resolved } of readVectors('fastjsonRef')) {
    assert.equal(parseJson(String(input)), resolved);
  }
});

test('paths lead through arrays, and to the key of a map with object keys', () => {
  // As RocketMQ's classes write two groups that share a subscription, and two maps that share a queue.
  const shared = parseJson(
    '{"consumerDataSet":[{"subscriptionDataSet":[{"topic":"T"}]},{"subscriptionDataSet":[{"$ref":"$.consumerDataSet[0].subscriptionDataSet[0]"}]}]}',
  ) as { consumerDataSet: { subscriptionDataSet: { topic: string }[] }[] };
  assert.is(shared.consumerDataSet[1]?.subscriptionDataSet[0]?.topic, 'T');
  const keyed = parseJson(
    '{"consumerTable":{"c1":{{"brokerName":"b","queueId":0,"topic":"T"}:1},"c2":{{"$ref":"$.consumerTable.c1.null"}:2}},"messageQueueTable":{}}',
  ) as { consumerTable: { c2: JsonPairs } };
  assert.equal(keyed.consumerTable.c2.entries, [[{ brokerName: 'b', queueId: 0, topic: 'T' }, 2]]);
});

test('root, parent and self are known', () => {
  const root = parseJson('{"a":{"b":{"$ref":".."},"c":{"$ref":"$"},"d":{"$ref":"@"}},"n":1}') as {
    a: { b: unknown; c: unknown; d: unknown };
  };
  assert.is(root.a.b, root);
  assert.is(root.a.c, root);
  assert.is(root.a.d, root.a);
});

test('what leads nowhere, or round in circles, is null', () => {
  assert.equal(parseJson('{"a":{"$ref":"$.x.y"},"b":{"$ref":"nonsense"}}'), { a: null, b: null });
  assert.equal(parseJson('{"a":{"$ref":"$.b"},"b":{"$ref":"$.a"}}'), { a: null, b: null });
  assert.is(parseJson('{"$ref":"$"}'), null);
  assert.equal(parseJson('{"a":{"$ref":"$.toString"}}'), { a: null });
});

test('a member that only looks like a reference stays', () => {
  const value = { a: { $ref: '$', b: 1 }, c: { $ref: 5 } };
  assert.equal(resolveReferences(structuredClone(value)), value);
});
