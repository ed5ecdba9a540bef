import * as assert from 'uvu/assert';
import {
  decodeClusterInfo,
  decodeKvTable,
  decodeTopicList,
  decodeTopicRouteData,
  encodeClusterInfo,
  encodeKvTable,
  encodeTopicList,
  encodeTopicRouteData,
} from '../../../src/protocol/index.ts';
import { readVectors } from '../../support/golden.ts';
import { suite } from '../../support/suite.ts';

// Documents below were written by RocketMQ 4.9.2's classes with fastjson 1.2.76; the strict one by those of 5.3.3.

const test = suite('route bodies');
const ROUTE =
  '{"brokerDatas":[{"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"},"brokerName":"broker-a","cluster":"DefaultCluster"}],"filterServerTable":{"10.0.0.1:10911":["10.0.0.1:40000"]},"orderTopicConf":"broker-a:4;broker-b:4","queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]}';
const STRICT_ROUTE =
  '{"brokerDatas":[{"brokerAddrs":{"0":"10.0.0.1:10911","1":"10.0.0.2:10911"},"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false}],"filterServerTable":{},"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]}';

test("a route is read and written as Java's name server writes it", () => {
  const route = decodeTopicRouteData(Buffer.from(ROUTE));
  assert.equal(route.brokerDatas[0]?.brokerAddrs.get(1), '10.0.0.2:10911');
  assert.is(route.orderTopicConf, 'broker-a:4;broker-b:4');
  assert.is(encodeTopicRouteData(route).toString(), ROUTE);
});

test('the route inside the golden frames is the same', () => {
  for (const { id, bodyHex = '' } of readVectors('frame')) {
    if (!id.startsWith('route-response')) continue;
    const body = Buffer.from(bodyHex, 'hex');
    assert.is(encodeTopicRouteData(decodeTopicRouteData(body)).toString(), body.toString());
  }
});

test('a strict route is JSON, and is read too', () => {
  const route = decodeTopicRouteData(Buffer.from(STRICT_ROUTE));
  assert.is(
    encodeTopicRouteData(route, true).toString(),
    STRICT_ROUTE.replace(',"enableActingMaster":false', ''),
  );
  const named = { ...route, orderTopicConf: 'ü' };
  assert.match(encodeTopicRouteData(named, true).toString(), /"\\u00fc"/i);
});

test('clusters, topic lists and key-value tables are read and written', () => {
  const cluster =
    '{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"},"brokerName":"broker-a","cluster":"DefaultCluster"}},"clusterAddrTable":{"DefaultCluster":["broker-a"]}}';
  assert.is(encodeClusterInfo(decodeClusterInfo(Buffer.from(cluster))).toString(), cluster);
  for (const list of [
    '{"brokerAddr":"10.0.0.1:10911","topicList":["TopicTest"]}',
    '{"topicList":[]}',
  ]) {
    assert.is(encodeTopicList(decodeTopicList(Buffer.from(list))).toString(), list);
  }
  const table = '{"table":{"brokerVersion":"397"}}';
  assert.is(encodeKvTable(decodeKvTable(Buffer.from(table))).toString(), table);
});
