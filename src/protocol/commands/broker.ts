// A broker itself: settings, state, statistics.

import { defineCommand } from '../schema.ts';

/** Changes settings; the body is properties text. */
export const UpdateBrokerConfig = defineCommand({
  name: 'UPDATE_BROKER_CONFIG',
  code: 25,
  to: 'broker',
});

/** All settings as properties text. */
export const GetBrokerConfig = defineCommand({
  name: 'GET_BROKER_CONFIG',
  code: 26,
  to: 'broker',
  response: { version: 'string' },
});

/** Never built in RocketMQ. */
export const TriggerDeleteFiles = defineCommand({
  name: 'TRIGGER_DELETE_FILES',
  code: 27,
  to: 'broker',
});

/** Counters and facts of a running broker. */
export const GetBrokerRuntimeInfo = defineCommand({
  name: 'GET_BROKER_RUNTIME_INFO',
  code: 28,
  to: 'broker',
});

/** One statistics series. */
export const ViewBrokerStatsData = defineCommand({
  name: 'VIEW_BROKER_STATS_DATA',
  code: 315,
  to: 'broker',
  request: { statsName: 'string', statsKey: 'string' },
});

/** Registers a filter server. */
export const RegisterFilterServer = defineCommand({
  name: 'REGISTER_FILTER_SERVER',
  code: 301,
  to: 'broker',
  request: { filterServerAddr: 'string' },
  response: { brokerName: 'string', brokerId: 'int64' },
});

/** Gives a filter class to a filter server. */
export const RegisterMessageFilterClass = defineCommand({
  name: 'REGISTER_MESSAGE_FILTER_CLASS',
  code: 302,
  to: 'filtersrv',
  request: { consumerGroup: 'string', topic: 'string', className: 'string', classCRC: 'int32' },
});
