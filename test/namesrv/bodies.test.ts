import { is } from 'uvu/assert';
import { routeBody, topicListBody } from '../../src/namesrv/bodies.ts';
import { suite } from '../support/suite.ts';

const test = suite('bodies');

const broker = {
  brokerName: 'b',
  cluster: 'C',
  addresses: new Map([
    [0, 'h:1'],
    [1, 'h:2'],
  ]),
};
const queue = { brokerName: 'b', perm: 6, readQueueNums: 4, topicSysFlag: 0, writeQueueNums: 4 };

test('standard JSON escapes what is not ASCII, the other form does not', () => {
  const route = {
    queues: [{ ...queue, brokerName: 'b-é' }],
    brokers: [{ ...broker, brokerName: 'b-é' }],
    filterServers: new Map(),
  };
  is(routeBody(route, undefined, false).includes('b-é'), true);
  const strict = routeBody(route, undefined, true).toString();
  is(/b-\\u00e9/i.test(strict), true, strict);
  is(/^[ -~]*$/.test(strict), true);
});

test('a topic list names each topic once', () => {
  is(topicListBody(['a', 'b', 'a']).toString(), '{"topicList":["a","b"]}');
  is(topicListBody([], 'h:1').toString(), '{"brokerAddr":"h:1","topicList":[]}');
});
