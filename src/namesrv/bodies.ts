import {
  type BrokerData,
  encodeClusterInfo,
  encodeTopicList,
  encodeTopicRouteData,
} from '../protocol/index.ts';
import type { BrokerFacts, TopicRoute } from './route-model.ts';
import type { RouteTable } from './route-table.ts';

const brokerData = ({ addresses, brokerName, cluster }: BrokerFacts): BrokerData => ({
  brokerAddrs: addresses,
  brokerName,
  cluster,
});

/** Body of a route answer; `isStrict` writes JSON that standard readers take. */
export const routeBody = (
  route: TopicRoute,
  orderTopicConf: string | undefined,
  isStrict: boolean,
): Buffer =>
  encodeTopicRouteData(
    {
      brokerDatas: route.brokers.map(brokerData),
      filterServerTable: route.filterServers,
      ...(orderTopicConf === undefined ? {} : { orderTopicConf }),
      queueDatas: route.queues,
    },
    isStrict,
  );

/** Body of a cluster answer. */
export const clusterBody = (table: RouteTable): Buffer =>
  encodeClusterInfo({
    brokerAddrTable: new Map([...table.brokers].map(([name, facts]) => [name, brokerData(facts)])),
    clusterAddrTable: new Map([...table.clusters].map(([name, names]) => [name, [...names]])),
  });

/** Body of a topic list, with a broker to ask for more where there is one. */
export const topicListBody = (topics: Iterable<string>, brokerAddr?: string): Buffer =>
  encodeTopicList({
    ...(brokerAddr === undefined ? {} : { brokerAddr }),
    topicList: [...new Set(topics)],
  });
