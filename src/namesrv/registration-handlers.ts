import { bodyCrc, type Clock, type Logger } from '../base/index.ts';
import {
  decodeDataVersion,
  decodeRegisterBrokerBody,
  encodeDataVersion,
  encodeHeader,
  encodeKvTable,
  QueryDataVersion,
  RegisterBroker,
  type RemotingCommand,
  ResponseCode,
  responseOf,
  UnregisterBroker,
} from '../protocol/index.ts';
import { type Handler, handle, success } from './handler.ts';
import { type KvConfig, ORDER_TOPIC_NAMESPACE } from './kv-config.ts';
import { NameServerError } from './name-server-error.ts';
import { checkAddress, checkName } from './names.ts';
import type { RouteTable } from './route-table.ts';

/** What registrations change and are answered from. */
export interface RegistrationHandlersOptions {
  readonly table: RouteTable;
  readonly kv: KvConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Most broker names. */
export const BROKERS_MAX = 10_000;
/** Most topics one registration may carry. */
export const REGISTERED_TOPICS_MAX = 200_000;

interface BrokerHeader {
  readonly brokerName: string;
  readonly brokerAddr: string;
  readonly clusterName: string;
  readonly brokerId: number;
}

/**
 * Handlers of what brokers send.
 * @source rocketmq 4.9.2 namesrv/processor/DefaultRequestProcessor.java
 */
export const registrationHandlers = (
  options: RegistrationHandlersOptions,
): (readonly [number, Handler])[] => [
  register(options),
  unregister(options),
  handle(QueryDataVersion, ({ brokerAddr }, { body }) => {
    const { table, clock } = options;
    const changed = table.isChanged(brokerAddr, decodeDataVersion(body));
    if (!changed) table.touch(brokerAddr, clock.monotonicMs());
    const known = table.versionOf(brokerAddr);
    return success({
      extFields: encodeHeader(QueryDataVersion.response, { changed }),
      ...(known === undefined ? {} : { body: encodeDataVersion(known) }),
    });
  }),
];

const register = ({
  table,
  kv,
  clock,
  logger,
}: RegistrationHandlersOptions): readonly [number, Handler] =>
  handle(RegisterBroker, (header, request, channel) => {
    const {
      bodyCrc32 = 0,
      haServerAddr = '',
      clusterName,
      brokerName,
      brokerAddr,
      brokerId,
    } = header;
    if (bodyCrc32 !== 0 && bodyCrc(request.body ?? Buffer.alloc(0)) !== bodyCrc32) {
      return responseOf(ResponseCode.SYSTEM_ERROR, { remark: 'crc32 not match' });
    }
    checkBroker(header);
    checkRoom(table, brokerName);
    const isNew = !table.live.has(brokerAddr);
    const answered = table.register(
      {
        clusterName,
        brokerName,
        brokerAddr,
        brokerId,
        haServerAddr,
        ...registeredTables(request, header.compressed ?? false),
        channel,
      },
      clock.monotonicMs(),
    );
    if (isNew) logger.info({ clusterName, brokerName, brokerAddr, brokerId }, 'broker registered');
    const order = kv.list(ORDER_TOPIC_NAMESPACE);
    const { masterAddr, haServerAddr: masterHa } = answered;
    return success({
      extFields: encodeHeader(RegisterBroker.response, {
        ...(masterHa === undefined ? {} : { haServerAddr: masterHa }),
        ...(masterAddr === undefined ? {} : { masterAddr }),
      }),
      ...(order === undefined ? {} : { body: encodeKvTable({ table: order }) }),
    });
  });

const unregister = ({ table, logger }: RegistrationHandlersOptions): readonly [number, Handler] =>
  handle(UnregisterBroker, ({ brokerName, brokerAddr, brokerId }) => {
    table.unregister(brokerName, brokerAddr, brokerId);
    logger.info({ brokerName, brokerAddr, brokerId }, 'broker unregistered');
    return success();
  });

const registeredTables = (request: RemotingCommand, isCompressed: boolean) => {
  const body = decodeRegisterBrokerBody(request.body, request.version, isCompressed);
  const { dataVersion, topicConfigTable } = body.topicConfigSerializeWrapper;
  if (topicConfigTable.size > REGISTERED_TOPICS_MAX) {
    throw new NameServerError('TABLE_FULL', `more than ${REGISTERED_TOPICS_MAX} topics`);
  }
  for (const topic of topicConfigTable.keys()) checkName('a topic', topic);
  return {
    version: dataVersion,
    topics: [...topicConfigTable].map(([topicName, config]) => ({ ...config, topicName })),
    filterServers: body.filterServerList,
  };
};

const checkBroker = ({ brokerName, brokerAddr, clusterName, brokerId }: BrokerHeader): void => {
  checkName('brokerName', brokerName);
  checkName('clusterName', clusterName);
  checkAddress('brokerAddr', brokerAddr);
  if (brokerId >= 0) return;
  throw new NameServerError('NAME_INVALID', `brokerId must not be negative: ${brokerId}`);
};

const checkRoom = (table: RouteTable, brokerName: string): void => {
  if (table.brokers.has(brokerName) || table.brokers.size < BROKERS_MAX) return;
  throw new NameServerError('TABLE_FULL', `there are ${BROKERS_MAX} brokers already`);
};
