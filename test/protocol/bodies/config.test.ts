import * as assert from 'uvu/assert';
import {
  CONSUMER_OFFSETS_FILE,
  decodeConsumerOffsets,
  decodeDataVersion,
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupTable,
  decodeTopicConfigTable,
  encodeConsumerOffsets,
  encodeDataVersion,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupTable,
  encodeTopicConfigTable,
  SUBSCRIPTION_GROUPS_FILE,
  TOPICS_FILE,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

// Documents below were written by RocketMQ 4.9.2's classes with fastjson 1.2.76.

const test = suite('config bodies');
const TOPICS =
  '{"dataVersion":{"counter":3,"timestamp":1637000000000},"topicConfigTable":{"TopicTest":{"order":false,"perm":6,"readQueueNums":8,"topicFilterType":"SINGLE_TAG","topicName":"TopicTest","topicSysFlag":0,"writeQueueNums":8}}}';
const GROUP =
  '{"brokerId":0,"consumeBroadcastEnable":true,"consumeEnable":true,"consumeFromMinEnable":true,"groupName":"CG","notifyConsumerIdsChangedEnable":true,"retryMaxTimes":16,"retryQueueNums":1,"whichBrokerWhenConsumeSlowly":1}';
const GROUPS = `{"dataVersion":{"counter":0,"timestamp":1637000000000},"subscriptionGroupTable":{"CG":${GROUP}}}`;
const OFFSETS = '{"offsetTable":{"TopicTest@CG":{0:90,1:12}}}';

test("tables are read and written as Java's broker writes them", () => {
  assert.is(encodeTopicConfigTable(decodeTopicConfigTable(Buffer.from(TOPICS))).toString(), TOPICS);
  const groups = decodeSubscriptionGroupTable(Buffer.from(GROUPS));
  assert.is(encodeSubscriptionGroupTable(groups).toString(), GROUPS);
  const offsets = decodeConsumerOffsets(Buffer.from(OFFSETS));
  assert.is(offsets.offsetTable.get('TopicTest@CG')?.get(1), 12);
  assert.is(encodeConsumerOffsets(offsets).toString(), OFFSETS);
  const version = '{"counter":3,"timestamp":1637000000000}';
  assert.is(encodeDataVersion(decodeDataVersion(Buffer.from(version))).toString(), version);
});

test("a group that names only itself has Java's defaults", () => {
  const group = decodeSubscriptionGroupConfig(Buffer.from('{"groupName":"CG"}'));
  assert.is(encodeSubscriptionGroupConfig(group).toString(), GROUP);
});

test("files have fastjson's pretty form", () => {
  // As RocketMQ 4.9.2 leaves config/topics.json.
  const file = [
    '{',
    '\t"dataVersion":{',
    '\t\t"counter":3,',
    '\t\t"timestamp":1630000000000',
    '\t},',
    '\t"topicConfigTable":{',
    '\t\t"TopicTest":{',
    '\t\t\t"order":false,',
    '\t\t\t"perm":6,',
    '\t\t\t"readQueueNums":4,',
    '\t\t\t"topicFilterType":"SINGLE_TAG",',
    '\t\t\t"topicName":"TopicTest",',
    '\t\t\t"topicSysFlag":0,',
    '\t\t\t"writeQueueNums":4',
    '\t\t}',
    '\t}',
    '}',
  ].join('\n');
  assert.is(TOPICS_FILE.format(TOPICS_FILE.parse(file)), file);
  const offsets =
    '{\n\t"offsetTable":{\n\t\t"TopicTest@CG":{\n\t\t\t0:90,\n\t\t\t1:12\n\t\t}\n\t}\n}';
  assert.is(CONSUMER_OFFSETS_FILE.format(CONSUMER_OFFSETS_FILE.parse(offsets)), offsets);
  const { subscriptionGroupTable } = SUBSCRIPTION_GROUPS_FILE.parse(GROUPS);
  assert.is(subscriptionGroupTable.get('CG')?.retryMaxTimes, 16);
});

test('what later versions add to a file is passed over', () => {
  const later = TOPICS.replace('"counter":3', '"counter":3,"stateVersion":0').replace(
    '"order"',
    '"attributes":{},"order"',
  );
  assert.equal(TOPICS_FILE.parse(later), TOPICS_FILE.parse(TOPICS));
});
