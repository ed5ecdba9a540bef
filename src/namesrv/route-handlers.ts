import { PERM, TOPIC_SYS_FLAG } from '../message/index.ts';
import {
  AddWritePermOfBroker,
  type CommandDefinition,
  DeleteTopicInNamesrv,
  encodeHeader,
  GetAllTopicListFromNameserver,
  GetBrokerClusterInfo,
  GetHasUnitSubTopicList,
  GetHasUnitSubUnunitTopicList,
  GetRouteInfoByTopic,
  GetSystemTopicListFromNs,
  GetTopicsByCluster,
  GetUnitTopicList,
  ResponseCode,
  responseOf,
  VERSION,
  WipeWritePermOfBroker,
} from '../protocol/index.ts';
import { clusterBody, routeBody, topicListBody } from './bodies.ts';
import { type Handler, handle, success } from './handler.ts';
import { type KvConfig, ORDER_TOPIC_NAMESPACE } from './kv-config.ts';
import type { NameServerSettings } from './name-server-settings.ts';
import type { RouteTable } from './route-table.ts';

/** What route queries are answered from. */
export interface RouteHandlersOptions {
  readonly table: RouteTable;
  readonly kv: KvConfig;
  readonly settings: NameServerSettings;
}

const SEE_ALSO = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';

/**
 * Handlers of everything that asks for or changes routes.
 * @source rocketmq 4.9.2 namesrv/processor/DefaultRequestProcessor.java, ClusterTestRequestProcessor.java
 */
export const routeHandlers = (options: RouteHandlersOptions): (readonly [number, Handler])[] => [
  routeQuery(options),
  ...permissionHandlers(options.table),
  ...listHandlers(options.table),
  handle(GetBrokerClusterInfo, () => success({ body: clusterBody(options.table) })),
  handle(DeleteTopicInNamesrv, ({ topic }) => {
    options.table.deleteTopic(topic);
    return success();
  }),
];

const routeQuery = ({ table, kv, settings }: RouteHandlersOptions): readonly [number, Handler] =>
  handle(GetRouteInfoByTopic, ({ topic, acceptStandardJsonOnly }, { version }) => {
    const route = table.route(topic);
    if (route === undefined) {
      const remark = `No topic route info in name server for the topic: ${topic}${SEE_ALSO}`;
      return responseOf(ResponseCode.TOPIC_NOT_EXIST, { remark });
    }
    const order = settings.orderMessageEnable ? kv.get(ORDER_TOPIC_NAMESPACE, topic) : undefined;
    // As RocketMQ 5 does: its clients read standard JSON, older ones expect the form 4.9.2 writes.
    const isStrict = acceptStandardJsonOnly === true || version >= VERSION.V4_9_4;
    return success({ body: routeBody(route, order, isStrict) });
  });

const permissionHandlers = (table: RouteTable): (readonly [number, Handler])[] => [
  handle(WipeWritePermOfBroker, ({ brokerName }) => {
    const wipeTopicCount = table.changePermission(brokerName, (perm) => perm & ~PERM.WRITE);
    return success({ extFields: encodeHeader(WipeWritePermOfBroker.response, { wipeTopicCount }) });
  }),
  handle(AddWritePermOfBroker, ({ brokerName }) => {
    const addTopicCount = table.changePermission(brokerName, () => PERM.READ | PERM.WRITE);
    return success({ extFields: encodeHeader(AddWritePermOfBroker.response, { addTopicCount }) });
  }),
];

const listHandlers = (table: RouteTable): (readonly [number, Handler])[] => [
  handle(GetAllTopicListFromNameserver, () =>
    success({ body: topicListBody(table.topics.keys()) }),
  ),
  handle(GetTopicsByCluster, ({ cluster }) => {
    const members = table.clusters.get(cluster) ?? new Set<string>();
    const topics = [...table.topics]
      .filter(([, queues]) => [...queues.keys()].some((name) => members.has(name)))
      .map(([topic]) => topic);
    return success({ body: topicListBody(topics) });
  }),
  handle(GetSystemTopicListFromNs, () => {
    const names = [...table.clusters].flatMap(([cluster, members]) => [cluster, ...members]);
    const [first] = [...table.brokers.values()].flatMap(({ addresses }) => [...addresses.values()]);
    return success({ body: topicListBody(names, first) });
  }),
  unitList(table, GetUnitTopicList, isUnit),
  unitList(table, GetHasUnitSubTopicList, hasUnitSub),
  unitList(table, GetHasUnitSubUnunitTopicList, (flag) => hasUnitSub(flag) && !isUnit(flag)),
];

const isUnit = (flag: number): boolean => (flag & TOPIC_SYS_FLAG.UNIT) !== 0;
const hasUnitSub = (flag: number): boolean => (flag & TOPIC_SYS_FLAG.UNIT_SUB) !== 0;

/** Topics whose flag, as their first broker registered it, is asked for. */
const unitList = (
  table: RouteTable,
  command: CommandDefinition,
  isAskedFor: (topicSysFlag: number) => boolean,
): readonly [number, Handler] =>
  handle(command, () => {
    const topics = [...table.topics].filter(([, queues]) => {
      const [first] = queues.values();
      return first !== undefined && isAskedFor(first.topicSysFlag);
    });
    return success({ body: topicListBody(topics.map(([topic]) => topic)) });
  });
