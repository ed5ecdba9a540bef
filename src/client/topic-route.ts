import { isReadable, isWritable } from '../message/index.ts';
import type { BrokerData, QueueData } from '../protocol/index.ts';
import type { MessageQueue } from './types.ts';

/** Broker id of a master. */
export const MASTER_ID = 0;

/** Where a topic's queues are. */
export interface TopicRoute {
  readonly topic: string;
  readonly queueDatas: readonly QueueData[];
  readonly brokerDatas: readonly BrokerData[];
  /** The topic does not exist yet: its first message creates it as the template says. */
  readonly isTemplate: boolean;
}

const compareText = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** The order in which all members of a group see the queues. */
export const compareQueues = (left: MessageQueue, right: MessageQueue): number =>
  compareText(left.topic, right.topic) ||
  compareText(left.brokerName, right.brokerName) ||
  left.queueId - right.queueId;

/** A text that is equal for equal queues. */
export const queueKey = ({ topic, brokerName, queueId }: MessageQueue): string =>
  `${topic}@${brokerName}@${queueId}`;

/** The master's address, or `undefined` while the broker has none. */
export const masterAddress = (route: TopicRoute, brokerName: string): string | undefined =>
  route.brokerDatas.find((broker) => broker.brokerName === brokerName)?.brokerAddrs.get(MASTER_ID);

/** Addresses of all masters. */
export const masterAddresses = ({ brokerDatas }: TopicRoute): string[] =>
  brokerDatas.flatMap(({ brokerAddrs }) => brokerAddrs.get(MASTER_ID) ?? []);

const queuesOf = (
  topic: string,
  datas: readonly QueueData[],
  count: (data: QueueData) => number,
): MessageQueue[] =>
  datas
    .flatMap((data) =>
      Array.from({ length: Math.max(0, count(data)) }, (_, queueId) => ({
        topic,
        brokerName: data.brokerName,
        queueId,
      })),
    )
    .sort(compareQueues);

/** Queues that may be written to and whose broker has a master, in order. */
export const writableQueues = (route: TopicRoute): MessageQueue[] => {
  const datas = route.queueDatas.filter(
    ({ perm, brokerName }) => isWritable(perm) && masterAddress(route, brokerName) !== undefined,
  );
  return queuesOf(route.topic, datas, ({ writeQueueNums }) => writeQueueNums);
};

/** Queues that may be read, in order. */
export const readableQueues = (route: TopicRoute): MessageQueue[] => {
  const datas = route.queueDatas.filter(({ perm }) => isReadable(perm));
  return queuesOf(route.topic, datas, ({ readQueueNums }) => readQueueNums);
};

/** The route a topic will have once its first message has created it. */
export const routeFromTemplate = (
  topic: string,
  template: TopicRoute,
  queueNumsMax: number,
): TopicRoute => ({
  topic,
  brokerDatas: template.brokerDatas,
  queueDatas: template.queueDatas.map((data) => {
    const nums = Math.min(queueNumsMax, data.readQueueNums);
    return { ...data, readQueueNums: nums, writeQueueNums: nums };
  }),
  isTemplate: true,
});

/** Whether two routes of one topic say the same. */
export const isSameRoute = (left: TopicRoute, right: TopicRoute): boolean =>
  routeText(left) === routeText(right);

const routeText = ({ queueDatas, brokerDatas, isTemplate }: TopicRoute): string => {
  const brokers = brokerDatas.map(({ brokerName, brokerAddrs }) =>
    JSON.stringify([brokerName, [...brokerAddrs].sort(([left], [right]) => left - right)]),
  );
  const queues = queueDatas.map(({ brokerName, perm, readQueueNums, writeQueueNums }) =>
    JSON.stringify([brokerName, perm, readQueueNums, writeQueueNums]),
  );
  return [isTemplate, ...brokers.sort(), ...queues.sort()].join();
};
