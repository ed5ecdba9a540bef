import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../../src/base/index.ts';
import {
  decodeCheckClientRequest,
  decodeConsumerConnection,
  decodeGetConsumerListByGroupResponse,
  decodeGroupList,
  decodeHeartbeatData,
  decodeLockBatchRequest,
  decodeLockBatchResponse,
  decodeProducerConnection,
  decodeTopicStatsTable,
  encodeCheckClientRequest,
  encodeConsumerConnection,
  encodeGetConsumerListByGroupResponse,
  encodeGroupList,
  encodeHeartbeatData,
  encodeLockBatchRequest,
  encodeLockBatchResponse,
  encodeProducerConnection,
  encodeTopicStatsTable,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

// Documents below were written by RocketMQ 4.9.2's classes with fastjson 1.2.76.

const test = suite('client bodies');
const SUBSCRIPTION =
  '{"classFilterMode":false,"codeSet":[2598919,2598920],"expressionType":"TAG","subString":"TagA || TagB","subVersion":1637000000000,"tagsSet":["TagA","TagB"],"topic":"TopicTest"}';
const HEARTBEAT = `{"clientID":"10.0.0.9@12345#778","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY","groupName":"CG","messageModel":"CLUSTERING","subscriptionDataSet":[${SUBSCRIPTION}],"unitMode":false}],"producerDataSet":[{"groupName":"PG"}]}`;
const CONNECTION =
  '{"clientAddr":"10.0.0.9:50000","clientId":"10.0.0.9@12345#778","language":"JAVA","version":395}';

const same = <T>(
  document: string,
  decode: (body: Buffer) => T,
  encode: (value: T) => Buffer,
): void => {
  assert.is(encode(decode(Buffer.from(document))).toString(), document);
};

test('bodies are read and written as Java writes them', () => {
  same(HEARTBEAT, decodeHeartbeatData, encodeHeartbeatData);
  same(
    `{"clientId":"cid","group":"CG","subscriptionData":${SUBSCRIPTION}}`,
    decodeCheckClientRequest,
    encodeCheckClientRequest,
  );
  same(
    '{"consumerIdList":["c1","c2"]}',
    decodeGetConsumerListByGroupResponse,
    encodeGetConsumerListByGroupResponse,
  );
  same(
    '{"clientId":"cid","consumerGroup":"CG","mqSet":[{"brokerName":"broker-a","queueId":1,"topic":"TopicTest"},{"brokerName":"broker-a","queueId":0,"topic":"TopicTest"}]}',
    decodeLockBatchRequest,
    encodeLockBatchRequest,
  );
  same(
    '{"lockOKMQSet":[{"brokerName":"broker-a","queueId":0,"topic":"TopicTest"}]}',
    decodeLockBatchResponse,
    encodeLockBatchResponse,
  );
  same(
    `{"connectionSet":[${CONNECTION}],"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING","subscriptionTable":{"TopicTest":${SUBSCRIPTION}}}`,
    decodeConsumerConnection,
    encodeConsumerConnection,
  );
  same(`{"connectionSet":[${CONNECTION}]}`, decodeProducerConnection, encodeProducerConnection);
  same('{"groupList":["CG"]}', decodeGroupList, encodeGroupList);
  same(
    '{"offsetTable":{{"brokerName":"broker-a","queueId":1,"topic":"TopicTest"}:{"lastUpdateTimestamp":0,"maxOffset":0,"minOffset":0},{"brokerName":"broker-a","queueId":0,"topic":"TopicTest"}:{"lastUpdateTimestamp":1637000000000,"maxOffset":100,"minOffset":0}}}',
    decodeTopicStatsTable,
    encodeTopicStatsTable,
  );
});

test('a heartbeat of 5.x, and one whose groups share a subscription, are read', () => {
  const later = decodeHeartbeatData(
    Buffer.from(
      '{"clientID":"cid","consumerDataSet":[],"heartbeatFingerprint":0,"producerDataSet":[],"withoutSub":false}',
    ),
  );
  assert.equal({ ...later }, { clientID: 'cid', consumerDataSet: [], producerDataSet: [] });
  const group = (name: string, subscription: string): string =>
    `{"groupName":"${name}","subscriptionDataSet":[${subscription}]}`;
  const shared = decodeHeartbeatData(
    Buffer.from(
      `{"clientID":"cid","consumerDataSet":[${group('a', SUBSCRIPTION)},${group('b', '{"$ref":"$.consumerDataSet[0].subscriptionDataSet[0]"}')}]}`,
    ),
  );
  assert.equal(shared.consumerDataSet[1]?.subscriptionDataSet[0]?.tagsSet, ['TagA', 'TagB']);
});

test('a heartbeat without its client, and random damage, end in a typed error', () => {
  assert.throws(
    () => decodeHeartbeatData(Buffer.from('{}')),
    (error: unknown) => errorCode(error) === 'BODY_INVALID',
  );
  const change = fc.tuple(
    fc.nat(HEARTBEAT.length - 1),
    fc.constantFrom(...Buffer.from('"{}[]:,1x\\')),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const body = Buffer.from(HEARTBEAT);
      for (const [at, value] of changes) body[at] = value;
      try {
        decodeHeartbeatData(body);
      } catch (error) {
        assert.ok(['BODY_INVALID', 'JSON_MALFORMED'].includes(errorCode(error) ?? ''));
      }
    }),
    { numRuns: 1000 },
  );
});
