import { ok } from 'uvu/assert';
import {
  type Logger,
  ManualClock,
  ManualScheduler,
  seededRandom,
  silentLogger,
} from '../../src/base/index.ts';
import type { ClientEnvironment } from '../../src/client/index.ts';
import {
  decodeCommand,
  encodeClusterInfo,
  encodeCommand,
  encodeTopicList,
  encodeTopicRouteData,
  type RemotingCommand,
  RequestCode,
  RequestView,
  ResponseCode,
  responseOf,
} from '../../src/protocol/index.ts';
import {
  MemoryNetwork,
  type Peer,
  RemotingServer,
  type RequestHandler,
} from '../../src/transport/index.ts';
import { FakeBroker } from './fake-broker.ts';

const CLUSTER = 'DefaultCluster';

/** Knows the brokers it is given and answers what clients ask of a name server. */
export class FakeNameServer implements RequestHandler {
  readonly codes: number[] = [];
  readonly brokers: FakeBroker[];

  constructor(brokers: FakeBroker[]) {
    this.brokers = brokers;
  }

  onRequest(view: RequestView, peer: Peer): void {
    this.codes.push(view.code);
    peer.reply(this.#answer(decodeCommand(view)), view);
  }

  onTurnEnd(): void {}
  onClose(): void {}

  #answer({ code, extFields }: RemotingCommand): RemotingCommand {
    const topic = extFields?.['topic'] ?? '';
    switch (code) {
      case RequestCode.GET_ROUTEINFO_BY_TOPIC:
        return this.#route(topic);
      case RequestCode.GET_BROKER_CLUSTER_INFO: {
        const brokerAddrTable = new Map(
          this.brokers.map((broker) => [broker.brokerName, dataOf(broker)]),
        );
        const clusterAddrTable = new Map([[CLUSTER, [...brokerAddrTable.keys()]]]);
        const body = encodeClusterInfo({ brokerAddrTable, clusterAddrTable });
        return responseOf(ResponseCode.SUCCESS, { body });
      }
      case RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER: {
        const topicList = [...new Set(this.brokers.flatMap(({ topics }) => [...topics.keys()]))];
        return responseOf(ResponseCode.SUCCESS, { body: encodeTopicList({ topicList }) });
      }
      default:
        return responseOf(ResponseCode.SUCCESS);
    }
  }

  #route(topic: string): RemotingCommand {
    const holders = this.brokers.filter(({ topics }) => topics.has(topic));
    if (holders.length === 0) {
      return responseOf(ResponseCode.TOPIC_NOT_EXIST, { remark: `no route for ${topic}` });
    }
    const body = encodeTopicRouteData(
      {
        brokerDatas: holders.map(dataOf),
        queueDatas: holders.flatMap((broker) => broker.queueData(topic)),
        filterServerTable: new Map(),
      },
      false,
    );
    return responseOf(ResponseCode.SUCCESS, { body });
  }
}

const dataOf = ({ brokerName, address }: FakeBroker) => ({
  brokerName,
  brokerAddrs: new Map([[0, address]]),
  cluster: CLUSTER,
});

/** Servers, a simulated network and manual time. */
export interface FakeCluster {
  readonly namesrvAddr: string;
  readonly clock: ManualClock;
  readonly network: MemoryNetwork;
  readonly brokers: readonly FakeBroker[];
  readonly nameServer: FakeNameServer;
  environment(host?: string, logger?: Logger): ClientEnvironment;
  broker(index?: number): FakeBroker;
  /** Moves time on, turn by turn, so that promises and timers follow each other as they would. */
  advance(ms: number): Promise<void>;
  /** Moves time on until `work` has settled. */
  settle<T>(work: Promise<T>, limitMs?: number): Promise<T>;
  /** Moves time on until `isDone`. */
  until(isDone: () => boolean, limitMs?: number): Promise<void>;
}

const STEP_MS = 5;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Starts a name server and `count` brokers that hold the template topic. */
export const createFakeCluster = (count = 1, seed = 1): FakeCluster => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const network = new MemoryNetwork({ scheduler, random: seededRandom(seed), latencyMsMax: 2 });
  const listen = (handler: RequestHandler, host: string, port: number): void => {
    const server = new RemotingServer({ network, scheduler, clock, logger: silentLogger, handler });
    server.listen({ host, port }, (error) => ok(error === undefined));
  };
  const brokers = Array.from(
    { length: count },
    (_, index) =>
      new FakeBroker(`broker-${'abcdef'[index]}`, `10.0.1.${index + 1}`, clock, scheduler),
  );
  for (const broker of brokers) {
    broker.createTopic('TBW102', 8);
    listen(broker, broker.host, broker.port);
  }
  const nameServer = new FakeNameServer(brokers);
  listen(nameServer, '10.0.0.1', 9876);
  scheduler.runDeferred();
  let clients = 0;
  const advance = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      scheduler.advance(Math.min(STEP_MS, ms - passed));
      await turn();
    }
  };
  const until = async (isDone: () => boolean, limitMs = 120_000): Promise<void> => {
    await turn();
    for (let ms = 0; !isDone(); ms += STEP_MS) {
      ok(ms < limitMs, `nothing happened within ${limitMs} ms of simulated time`);
      await advance(STEP_MS);
    }
  };
  return {
    namesrvAddr: '10.0.0.1:9876',
    clock,
    network,
    brokers,
    nameServer,
    environment(host = '10.0.9.1', logger = silentLogger) {
      clients += 1;
      const random = seededRandom(seed + clients);
      return {
        clock,
        scheduler,
        random,
        network: network.from(host),
        logger,
        host,
        processId: clients,
      };
    },
    broker: (index = 0) => brokers[index] as FakeBroker,
    advance,
    until,
    async settle(work, limitMs) {
      let isDone = false;
      const end = (): void => {
        isDone = true;
      };
      work.then(end, end);
      await until(() => isDone, limitMs);
      return work;
    },
  };
};

/** A command as the frame that a channel hands over. */
export const viewOf = (command: RemotingCommand): RequestView => {
  const frame = encodeCommand(command);
  const view = new RequestView();
  ok(view.scan(frame, 0, frame.length));
  return view;
};

/** The code of the error `work` ends with; a failure where it ends well. */
export const rejectionCode = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'no error';
};
