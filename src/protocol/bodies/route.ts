import {
  decodeAs,
  encodeAs,
  FASTJSON,
  integer,
  integerMap,
  list,
  object,
  optional,
  STRICT_JSON,
  text,
  textMap,
  type ValueOf,
} from '../json-shape.ts';

/** @source rocketmq 4.9.2 common/protocol/route/BrokerData.java */
const BROKER_DATA = object({
  brokerAddrs: integerMap(text()),
  brokerName: text(''),
  cluster: text(''),
});
export type BrokerData = ValueOf<typeof BROKER_DATA>;

/** @source rocketmq 4.9.2 common/protocol/route/QueueData.java */
const QUEUE_DATA = object({
  brokerName: text(''),
  perm: integer(),
  readQueueNums: integer(),
  topicSysFlag: integer(),
  writeQueueNums: integer(),
});
export type QueueData = ValueOf<typeof QUEUE_DATA>;

/** @source rocketmq 4.9.2 common/protocol/route/TopicRouteData.java */
const TOPIC_ROUTE_DATA = object({
  brokerDatas: list(BROKER_DATA),
  filterServerTable: textMap(list(text())),
  orderTopicConf: optional(text()),
  queueDatas: list(QUEUE_DATA),
});
export type TopicRouteData = ValueOf<typeof TOPIC_ROUTE_DATA>;

/** @source rocketmq 4.9.2 common/protocol/body/ClusterInfo.java */
const CLUSTER_INFO = object({
  brokerAddrTable: textMap(BROKER_DATA),
  clusterAddrTable: textMap(list(text())),
});
export type ClusterInfo = ValueOf<typeof CLUSTER_INFO>;

/** @source rocketmq 4.9.2 common/protocol/body/TopicList.java */
const TOPIC_LIST = object({ brokerAddr: optional(text()), topicList: list(text()) });
export type TopicList = ValueOf<typeof TOPIC_LIST>;

/** @source rocketmq 4.9.2 common/protocol/body/KVTable.java */
const KV_TABLE = object({ table: textMap(text()) });
export type KvTable = ValueOf<typeof KV_TABLE>;

/** @param isStrict standard JSON, which clients from version 4.9.4 on ask for. */
export const encodeTopicRouteData = (route: TopicRouteData, isStrict = false): Buffer =>
  encodeAs(TOPIC_ROUTE_DATA, route, isStrict ? STRICT_JSON : FASTJSON);
export const decodeTopicRouteData = (body: Buffer | undefined): TopicRouteData =>
  decodeAs(TOPIC_ROUTE_DATA, body);
export const encodeClusterInfo = (info: ClusterInfo): Buffer => encodeAs(CLUSTER_INFO, info);
export const decodeClusterInfo = (body: Buffer | undefined): ClusterInfo =>
  decodeAs(CLUSTER_INFO, body);
export const encodeTopicList = (topics: TopicList): Buffer => encodeAs(TOPIC_LIST, topics);
export const decodeTopicList = (body: Buffer | undefined): TopicList => decodeAs(TOPIC_LIST, body);
export const encodeKvTable = (table: KvTable): Buffer => encodeAs(KV_TABLE, table);
export const decodeKvTable = (body: Buffer | undefined): KvTable => decodeAs(KV_TABLE, body);
