import { equal, is } from 'uvu/assert';
import {
  compareQueues,
  isSameRoute,
  masterAddress,
  masterAddresses,
  queueKey,
  readableQueues,
  routeFromTemplate,
  type TopicRoute,
  writableQueues,
} from '../../src/client/topic-route.ts';
import { suite } from '../support/suite.ts';

const test = suite('topic-route');
const route: TopicRoute = {
  topic: 'T',
  queueDatas: [
    { brokerName: 'b', perm: 6, readQueueNums: 1, writeQueueNums: 2, topicSysFlag: 0 },
    { brokerName: 'a', perm: 4, readQueueNums: 2, writeQueueNums: 2, topicSysFlag: 0 },
    { brokerName: 'c', perm: 2, readQueueNums: 1, writeQueueNums: 1, topicSysFlag: 0 },
  ],
  brokerDatas: [
    { brokerName: 'b', cluster: 'C', brokerAddrs: new Map([[0, 'b:1']]) },
    { brokerName: 'a', cluster: 'C', brokerAddrs: new Map([[0, 'a:1']]) },
    { brokerName: 'c', cluster: 'C', brokerAddrs: new Map([[1, 'slave:1']]) },
  ],
  isTemplate: false,
};
const names = (queues: { brokerName: string; queueId: number }[]): string[] =>
  queues.map(({ brokerName, queueId }) => `${brokerName}${queueId}`);

test('readable queues go by the read permission and count, in order', () => {
  equal(names(readableQueues(route)), ['a0', 'a1', 'b0']);
});

test('writable queues need the write permission and a master', () => {
  equal(names(writableQueues(route)), ['b0', 'b1']);
});

test('masters are found by name', () => {
  is(masterAddress(route, 'a'), 'a:1');
  is(masterAddress(route, 'c'), undefined);
  is(masterAddress(route, 'x'), undefined);
  equal(masterAddresses(route), ['b:1', 'a:1']);
});

test('queue ids are ordered as numbers', () => {
  const queue = (queueId: number) => ({ topic: 'T', brokerName: 'a', queueId });
  equal([10, 9, 1].map(queue).sort(compareQueues), [1, 9, 10].map(queue));
  is(queueKey(queue(3)), 'T@a@3');
});

test('a template gives the smaller number of queues', () => {
  const made = routeFromTemplate('New', route, 1);
  is(made.topic, 'New');
  is(made.isTemplate, true);
  equal(names(writableQueues(made)), ['b0']);
  equal(names(readableQueues(routeFromTemplate('New', route, 9))), ['a0', 'a1', 'b0']);
});

test('the order of brokers makes no difference between routes, a count does', () => {
  const turned = { ...route, queueDatas: route.queueDatas.toReversed() };
  is(isSameRoute(route, turned), true);
  is(isSameRoute(route, { ...route, queueDatas: route.queueDatas.slice(1) }), false);
  is(isSameRoute(route, { ...route, isTemplate: true }), false);
});
