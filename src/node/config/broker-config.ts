import type { PropertyTable } from './property.ts';
import { computed, flag, int, long, refusing, text, within } from './property.ts';

const QUEUES_MAX = 65_536;
const workers = (pool: string): string =>
  `Threads of the ${pool} pool; one thread does it all here.`;
const queued = (pool: string): string => `Waiting room of the ${pool} pool.`;
const waits = (kind: string): string => `Longest wait of a queued ${kind}, ms.`;
const commercial = (kind: string): string => `Weight of ${kind} in commercial statistics.`;

/** Keys of BrokerConfig. @source rocketmq 4.9.2 common/BrokerConfig.java */
export const BROKER_CONFIG = {
  rocketmqHome: text(
    computed(
      '$ROCKETMQ_HOME, else this package',
      (facts) => facts.environment['ROCKETMQ_HOME'] || facts.packageFolder,
    ),
    'Folder of the installation; need not be set.',
    'works',
  ),
  namesrvAddr: text(
    computed('$NAMESRV_ADDR', (facts) => facts.environment['NAMESRV_ADDR'] ?? ''),
    'Name servers to register with, `host:port` joined by `;`.',
    'works',
    'important',
  ),
  brokerIP1: text(
    computed('detected', (facts) => facts.localAddress),
    'Address that clients are told to connect to.',
    'works',
    'important',
  ),
  brokerIP2: text(
    computed('detected', (facts) => facts.localAddress),
    'Address that slaves are told to copy from.',
  ),
  brokerName: text(
    computed('host name', (facts) => facts.hostName || 'DEFAULT_BROKER'),
    'Name of the broker; part of every message queue.',
    'works',
    'important',
  ),
  brokerClusterName: text('DefaultCluster', 'Cluster the broker belongs to.', 'works', 'important'),
  brokerId: long(0, '0 is the master; a master is always 0.', 'works', 'important'),
  brokerPermission: within(
    0,
    7,
    int(6, 'Permission of the whole broker: 4 read, 2 write.', 'works'),
  ),
  defaultTopicQueueNums: within(
    1,
    QUEUES_MAX,
    int(8, 'Most queues of a topic created by a send.', 'works'),
  ),
  autoCreateTopicEnable: flag(true, 'A send to an unknown topic creates it.', 'works', 'important'),
  clusterTopicEnable: flag(true, 'The topic named like the cluster can be used.', 'works'),
  brokerTopicEnable: flag(true, 'The topic named like the broker can be used.', 'works'),
  autoCreateSubscriptionGroup: flag(
    true,
    'A consumer group is created by its first use.',
    'works',
    'important',
  ),
  messageStorePlugIn: refusing(text('', 'Java classes wrapped around the store.'), (value) =>
    value.trim() === ''
      ? undefined
      : 'Java store plug-ins cannot be loaded here; remove the key to start without them',
  ),
  msgTraceTopicName: text(
    'RMQ_SYS_TRACE_TOPIC',
    'Name of the message-trace topic.',
    'works',
    'important',
  ),
  traceTopicEnable: flag(false, 'Create the trace topic at the start.', 'works', 'important'),
  sendMessageThreadPoolNums: int(
    computed('min(cpus, 4)', ({ cpus }) => Math.min(cpus, 4)),
    workers('send'),
  ),
  pullMessageThreadPoolNums: int(
    computed('16 + 2 × cpus', ({ cpus }) => 16 + 2 * cpus),
    workers('pull'),
  ),
  processReplyMessageThreadPoolNums: int(
    computed('16 + 2 × cpus', ({ cpus }) => 16 + 2 * cpus),
    workers('reply'),
  ),
  queryMessageThreadPoolNums: int(
    computed('8 + cpus', ({ cpus }) => 8 + cpus),
    workers('query'),
  ),
  adminBrokerThreadPoolNums: int(16, workers('administration')),
  clientManageThreadPoolNums: int(32, workers('client registration')),
  consumerManageThreadPoolNums: int(32, workers('consumer list and offset')),
  heartbeatThreadPoolNums: int(
    computed('min(32, cpus)', ({ cpus }) => Math.min(32, cpus)),
    workers('heartbeat'),
  ),
  endTransactionThreadPoolNums: int(
    computed('max(8 + 2 × cpus, 4 × sendMessageThreadPoolNums)', ({ cpus }) =>
      Math.max(8 + 2 * cpus, 4 * Math.min(cpus, 4)),
    ),
    workers('transaction'),
  ),
  flushConsumerOffsetInterval: within(
    1,
    86_400_000,
    int(5000, 'Time between two saves of the consumer offsets, ms.', 'works'),
  ),
  flushConsumerOffsetHistoryInterval: int(60_000, 'Unused in RocketMQ as well.'),
  rejectTransactionMessage: flag(
    false,
    'Refuse transactional sends; they are refused in any case until they are built.',
    'important',
  ),
  fetchNamesrvAddrByAddressServer: flag(
    false,
    'Ask an HTTP address server for the name servers.',
    'important',
  ),
  sendThreadPoolQueueCapacity: int(10_000, queued('send')),
  pullThreadPoolQueueCapacity: int(100_000, queued('pull')),
  replyThreadPoolQueueCapacity: int(10_000, queued('reply')),
  queryThreadPoolQueueCapacity: int(20_000, queued('query')),
  clientManagerThreadPoolQueueCapacity: int(1_000_000, queued('client registration')),
  consumerManagerThreadPoolQueueCapacity: int(1_000_000, queued('consumer list and offset')),
  heartbeatThreadPoolQueueCapacity: int(50_000, queued('heartbeat')),
  endTransactionPoolQueueCapacity: int(100_000, queued('transaction')),
  filterServerNums: int(0, 'External filter processes to start.'),
  longPollingEnable: flag(true, 'An empty pull waits for a message.', 'works'),
  shortPollingTimeMills: within(
    0,
    60_000,
    long(1000, 'How long an empty pull waits without long polling, ms.', 'works'),
  ),
  notifyConsumerIdsChangedEnable: flag(
    true,
    'Tell the members of a group when one joins or leaves.',
    'works',
  ),
  highSpeedMode: flag(false, 'Unused in RocketMQ as well.'),
  commercialEnable: flag(true, 'Count commercial statistics.'),
  commercialTimerCount: int(1, commercial('timer messages')),
  commercialTransCount: int(1, commercial('transactional messages')),
  commercialBigCount: int(1, commercial('big messages')),
  commercialBaseCount: int(1, commercial('a message')),
  transferMsgByHeap: flag(true, 'Copy messages into the response; the bytes are the same.'),
  maxDelayTime: int(40, 'Unused in RocketMQ as well.'),
  regionId: text('DefaultRegion', 'Region named in the answers to sends.', 'works'),
  registerBrokerTimeoutMills: within(
    1,
    600_000,
    int(6000, 'Longest wait for a name server, ms.', 'works'),
  ),
  slaveReadEnable: flag(false, 'Send consumers that lag behind to a slave.'),
  disableConsumeIfConsumerReadSlowly: flag(false, 'Stop a group that lags too far behind.'),
  consumerFallbehindThreshold: long(17_179_869_184, 'Lag meant by the key above, bytes.'),
  brokerFastFailureEnable: flag(true, 'Refuse requests that waited too long in a queue.'),
  waitTimeMillsInSendQueue: long(200, waits('send')),
  waitTimeMillsInPullQueue: long(5000, waits('pull')),
  waitTimeMillsInHeartbeatQueue: long(31_000, waits('heartbeat')),
  waitTimeMillsInTransactionQueue: long(3000, waits('transaction end')),
  startAcceptSendRequestTimeStamp: long(0, 'Refuse sends before this time, epoch ms.', 'works'),
  traceOn: flag(true, 'Value of TRACE_ON in the answers to sends.', 'works'),
  enableCalcFilterBitMap: flag(false, 'Compute filter bit maps while dispatching.'),
  expectConsumerNumUseFilter: int(32, 'Consumers the filter bit maps are sized for.'),
  maxErrorRateOfBloomFilter: int(20, 'Error rate of the filter bit maps, percent.'),
  filterDataCleanTimeSpan: long(86_400_000, 'Age at which unused filter data is dropped, ms.'),
  filterSupportRetry: flag(false, 'Apply the SQL filter on retry topics too.'),
  enablePropertyFilter: flag(false, 'Allow SQL92 subscriptions.'),
  compressedRegister: flag(false, 'Compress what is sent to the name servers.', 'works'),
  forceRegister: flag(true, 'Register each time, even when nothing changed.', 'works'),
  registerNameServerPeriod: int(
    30_000,
    'Time between registrations, ms; acts within 10,000–60,000.',
    'works',
  ),
  transactionTimeOut: long(6000, 'Age of a transaction at its first check, ms.', 'important'),
  transactionCheckMax: int(15, 'Most checks of a transaction.', 'important'),
  transactionCheckInterval: long(60_000, 'Time between transaction checks, ms.', 'important'),
  aclEnable: refusing(
    flag(false, 'Ask clients for an access key and a signature.', 'important'),
    (value) =>
      value
        ? 'access control is not available in this version, and without it the broker would be open to everybody; set aclEnable=false to accept that'
        : undefined,
  ),
  storeReplyMessageEnable: flag(true, 'Store reply messages too.'),
  autoDeleteUnusedStats: flag(false, 'Drop the statistics of deleted topics and groups.'),
} satisfies PropertyTable;
