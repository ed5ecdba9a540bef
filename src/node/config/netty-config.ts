import type { MachineFacts } from './machine-facts.ts';
import type { PropertyTable } from './property.ts';
import { choice, computed, flag, int, refusing, text, within } from './property.ts';

const PORT_MAX = 65_535;
const CLOSED_TLS = 'this version speaks no TLS, so the traffic would be readable';
const byNode = (broker: number, namesrv: number): ReturnType<typeof computed<number>> =>
  computed(`${broker}; name server ${namesrv}`, (facts: MachineFacts) =>
    facts.node === 'broker' ? broker : namesrv,
  );
const threads = (what: string): string => `Threads for ${what}; there are none here.`;
const client = (what: string): string => `Connections to name servers: ${what}.`;

/** Keys of NettyServerConfig, with the defaults each command sets. @source rocketmq 4.9.2 remoting/netty/NettyServerConfig.java */
export const NETTY_SERVER_CONFIG = {
  listenPort: within(
    0,
    PORT_MAX,
    int(byNode(10_911, 9876), 'Port to listen on; 0 takes any free one.', 'works'),
  ),
  bindAddress: text(
    '0.0.0.0',
    'Address to listen on (a key of RocketMQ 5; 4.9.2 listens on all).',
    'works',
  ),
  serverWorkerThreads: int(8, threads('decoding')),
  serverCallbackExecutorThreads: int(0, threads('callbacks')),
  serverSelectorThreads: int(3, threads('sockets')),
  serverOnewaySemaphoreValue: int(256, 'Most one-way calls to clients at a time.'),
  serverAsyncSemaphoreValue: int(64, 'Most calls to clients at a time.'),
  serverChannelMaxIdleTimeSeconds: within(
    1,
    86_400,
    int(120, 'Silence after which a connection is closed, s.', 'works'),
  ),
  serverSocketSndBufSize: int(
    byNode(131_072, 65_535),
    'Send buffer of a socket, bytes; the system decides.',
  ),
  serverSocketRcvBufSize: int(
    byNode(131_072, 65_535),
    'Receive buffer of a socket, bytes; the system decides.',
  ),
  serverPooledByteBufAllocatorEnable: flag(true, 'Pool the network buffers.'),
  useEpollNativeSelector: flag(false, 'Use epoll; libuv does.'),
} satisfies PropertyTable;

/** Keys of NettyClientConfig, read from broker.conf too. @source rocketmq 4.9.2 remoting/netty/NettyClientConfig.java */
export const NETTY_CLIENT_CONFIG = {
  clientWorkerThreads: int(4, threads('decoding')),
  clientCallbackExecutorThreads: int(
    computed('cpus', ({ cpus }) => cpus),
    threads('callbacks'),
  ),
  clientOnewaySemaphoreValue: int(65_535, client('most one-way calls at a time')),
  clientAsyncSemaphoreValue: int(65_535, client('most calls at a time')),
  connectTimeoutMillis: int(3000, client('longest wait to connect, ms')),
  channelNotActiveInterval: int(60_000, 'Unused in RocketMQ as well.'),
  clientChannelMaxIdleTimeSeconds: int(120, client('silence after which one is closed, s')),
  clientSocketSndBufSize: int(65_535, client('send buffer, bytes')),
  clientSocketRcvBufSize: int(65_535, client('receive buffer, bytes')),
  clientPooledByteBufAllocatorEnable: flag(false, client('pool the buffers')),
  clientCloseSocketIfTimeout: flag(false, client('close after a timeout')),
  useTLS: refusing(flag(false, client('use TLS')), (value) =>
    value ? `${CLOSED_TLS}; set useTLS=false to accept that` : undefined,
  ),
} satisfies PropertyTable;

const isMissing = (what: string, key: string, value: string): string =>
  `${what} not available in this version; set ${key}=${value} to accept that`;
const NO_COPIES = 'replication is not available in this version, so no second copy would exist';

/** System properties that RocketMQ takes from the same file, and keys of RocketMQ 5 that promise safety. */
export const OTHER_KEYS = {
  rmqAddressServerDomain: text('jmenv.tbsite.net', 'Host of the HTTP address server.'),
  rmqAddressServerSubGroup: text('nsaddr', 'Group asked of the HTTP address server.'),
  'tls.server.mode': refusing(
    choice(
      ['permissive', 'disabled', 'enforcing'],
      'permissive',
      'Whether clients must use TLS.',
      'works',
    ),
    (value) =>
      value === 'enforcing'
        ? `${CLOSED_TLS}; set tls.server.mode=permissive to accept that`
        : undefined,
  ),
  'tls.enable': refusing(flag(false, 'Use TLS towards other servers.'), (value) =>
    value ? `${CLOSED_TLS}; set tls.enable=false to accept that` : undefined,
  ),
  authenticationEnabled: refusing(flag(false, 'RocketMQ 5: ask clients who they are.'), (value) =>
    value ? isMissing('authentication is', 'authenticationEnabled', 'false') : undefined,
  ),
  authorizationEnabled: refusing(flag(false, 'RocketMQ 5: check what clients may do.'), (value) =>
    value ? isMissing('authorization is', 'authorizationEnabled', 'false') : undefined,
  ),
  enableControllerMode: refusing(flag(false, 'RocketMQ 5: replicate and elect.'), (value) =>
    value ? `${NO_COPIES}; set enableControllerMode=false to run a single broker` : undefined,
  ),
  inSyncReplicas: refusing(int(1, 'RocketMQ 5: copies of a message before its OK.'), (value) =>
    value > 1 ? `${NO_COPIES}; set inSyncReplicas=1 to run a single broker` : undefined,
  ),
  minInSyncReplicas: refusing(int(1, 'RocketMQ 5: fewest copies for an OK.'), (value) =>
    value > 1 ? `${NO_COPIES}; set minInSyncReplicas=1 to run a single broker` : undefined,
  ),
} satisfies PropertyTable;
