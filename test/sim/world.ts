import { child, Shard, type ShardFacts } from '../../src/actors/index.ts';
import {
  type Logger,
  ManualClock,
  ManualScheduler,
  type Random,
  type Scheduler,
  seededRandom,
  silentLogger,
  type Timer,
} from '../../src/base/index.ts';
import { type BrokerSettings, createBrokerActor } from '../../src/broker/index.ts';
import { encodeProperties, PULL_FLAG, RecordView, readRecord } from '../../src/message/index.ts';
import {
  encodeHeader,
  PullMessage,
  type RemotingCommand,
  requestOf,
  SendMessageV2,
} from '../../src/protocol/index.ts';
import { MemoryDisk, type StoreOptions } from '../../src/storage/index.ts';
import { MemoryNetwork, RemotingClient } from '../../src/transport/index.ts';
import { SimClient } from './sim-client.ts';

export const BROKER = '10.0.0.1:10911';
export const TOPIC = 'SimTopic';
export const QUEUES = 4;

const SETTINGS: BrokerSettings = {
  brokerClusterName: 'DefaultCluster',
  brokerName: 'broker-a',
  brokerId: 0,
  brokerIP1: '10.0.0.1',
  listenPort: 10911,
  brokerPermission: 6,
  autoCreateTopicEnable: true,
  autoCreateSubscriptionGroup: true,
  clusterTopicEnable: true,
  brokerTopicEnable: true,
  traceTopicEnable: false,
  msgTraceTopicName: 'RMQ_SYS_TRACE_TOPIC',
  defaultTopicQueueNums: 8,
  notifyConsumerIdsChangedEnable: true,
  longPollingEnable: true,
  shortPollingTimeMills: 1000,
  regionId: 'DefaultRegion',
  traceOn: true,
  startAcceptSendRequestTimeStamp: 0,
  flushDiskType: 'ASYNC_FLUSH',
  flushConsumerOffsetInterval: 5000,
  registerNameServerPeriod: 30_000,
  registerBrokerTimeoutMills: 6000,
  compressedRegister: false,
  forceRegister: true,
};

/** A scheduler that forgets everything when its owner dies. */
class MortalScheduler implements Scheduler {
  readonly #scheduler: Scheduler;
  #isDead = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#scheduler.setTimer(delayMs, () => this.#run(callback));
  }

  defer(callback: () => void): void {
    this.#scheduler.defer(() => this.#run(callback));
  }

  die(): void {
    this.#isDead = true;
  }

  #run(callback: () => void): void {
    if (!this.#isDead) callback();
  }
}

/** What a pull found. */
export interface Pulled {
  readonly response: RemotingCommand;
  readonly bodies: readonly string[];
}

/**
 * A whole broker in one thread: manual clock, simulated disk and network, everything drawn from one seed. `crash` ends the
 * broker's life as a power cut or a kill would; `boot` starts the next one on what the disk kept.
 */
export class SimWorld {
  readonly clock = new ManualClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly random: Random;
  readonly disk: MemoryDisk;
  readonly settings: BrokerSettings;
  #network: MemoryNetwork;
  #client: RemotingClient;
  #shard: Shard | undefined;
  #life: MortalScheduler | undefined;
  readonly #segmentBytes: number;
  /** Failures no supervisor mended. */
  readonly failures: unknown[] = [];
  /** What the broker of the next life logs to; a logger that throws makes an actor fail where it logs. */
  logger: Logger = silentLogger;
  /** Options of the next life's store beside those every world has. */
  storeOptions: Partial<StoreOptions> = {};
  /** Name servers of the next life. */
  namesrvAddr: readonly string[] = [];
  /** The slowest delivery of the next life's network. */
  latencyMsMax = 3;

  constructor(seed: number, settings: Partial<BrokerSettings> = {}, segmentBytes = 64 * 1024) {
    this.random = seededRandom(seed);
    this.settings = { ...SETTINGS, ...settings };
    this.#segmentBytes = segmentBytes;
    this.disk = new MemoryDisk({ clock: this.clock, scheduler: this.scheduler });
    this.#network = this.#createNetwork();
    this.#client = this.#createClient();
  }

  /** Starts a broker on the disk as it is. */
  boot(): void {
    this.#network = this.#createNetwork();
    this.#client = this.#createClient();
    const { clock, random, disk } = this;
    const scheduler = new MortalScheduler(this.scheduler);
    this.#life = scheduler;
    const network = this.#network.from('10.0.0.1');
    this.#shard = new Shard({
      name: 'broker',
      clock,
      scheduler,
      random,
      logger: this.logger,
      supervision: { strategy: 'oneForOne', restartsMax: 0, periodMs: 60_000 },
      onFailed: (error) => this.failures.push(error),
    });
    const actor = createBrokerActor({ disk, network, scheduler });
    const store = {
      storePathRootDir: '/store',
      mappedFileSizeCommitLog: this.#segmentBytes,
      mappedFileSizeConsumeQueue: 20 * 64,
      flushDiskType: this.settings.flushDiskType,
      ...this.storeOptions,
    };
    const [host = '', port = ''] = BROKER.split(':');
    const listen = [{ host, port: Number(port) }];
    const config = { settings: this.settings, store, listen, namesrvAddr: this.namesrvAddr };
    this.#shard.spawnRoot(child({ id: 'broker', actor, config }));
    this.run(50);
  }

  /** Ends the broker at once; then the disk forgets what it may. */
  crash(keepUnsynced: number | 'all'): void {
    this.#life?.die();
    this.#client.close();
    if (keepUnsynced === 'all') this.disk.killProcess();
    else this.disk.cutPower({ seed: this.random.below(2 ** 31), keepUnsynced });
    this.#shard = undefined;
  }

  /** Stops the broker as SIGTERM does. */
  stop(): void {
    let isStopped = false;
    this.#shard?.stop(() => {
      isStopped = true;
    });
    for (let step = 0; step < 200 && !isStopped; step++) this.run(50);
    if (!isStopped) throw new Error('the broker did not stop');
    this.#client.close();
    this.#shard = undefined;
  }

  /** Lets time pass. */
  run(ms: number): void {
    this.scheduler.advance(ms);
  }

  inspect(): ShardFacts | undefined {
    return this.#shard?.inspect();
  }

  /** The network of the present life. */
  get network(): MemoryNetwork {
    return this.#network;
  }

  /** A client with a connection of its own, as long as this life lasts. */
  connect(host = '10.0.0.20', address = BROKER): SimClient {
    return new SimClient(this.#network.from(host), this.scheduler, this.clock, address);
  }

  /** Sends one message; `done` hears the response code, or -1 where none came. */
  send(queueId: number, body: string, done: (code: number) => void, properties = {}): void {
    const header = {
      producerGroup: 'sim',
      topic: TOPIC,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: QUEUES,
      queueId,
      sysFlag: 0,
      bornTimestamp: this.clock.now(),
      flag: 0,
      properties: encodeProperties(properties),
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
    };
    const extFields = encodeHeader(SendMessageV2.request, header);
    const command = requestOf(SendMessageV2.code, { extFields, body: Buffer.from(body) });
    this.#client.request(BROKER, command, 10_000, (_error, response) => done(response?.code ?? -1));
  }

  /** Asks for messages; `waitMs` above 0 lets the broker hold the question. */
  pull(
    queueId: number,
    queueOffset: number,
    done: (pulled: Pulled | undefined) => void,
    { waitMs = 0, subscription = '*' } = {},
  ): void {
    const header = {
      consumerGroup: 'sim',
      topic: TOPIC,
      queueId,
      queueOffset,
      maxMsgNums: 32,
      sysFlag: PULL_FLAG.SUBSCRIPTION | (waitMs > 0 ? PULL_FLAG.SUSPEND : 0),
      commitOffset: 0,
      suspendTimeoutMillis: waitMs,
      subscription,
      subVersion: 0,
      expressionType: 'TAG',
    };
    const extFields = encodeHeader(PullMessage.request, header);
    const command = requestOf(PullMessage.code, { extFields });
    this.#client.request(BROKER, command, waitMs + 10_000, (_error, response) =>
      done(response === undefined ? undefined : { response, bodies: bodiesOf(response.body) }),
    );
  }

  /** Everything a queue holds, in order. */
  readAll(queueId: number): string[] {
    const bodies: string[] = [];
    let queueOffset = 0;
    for (let turn = 0; turn < 10_000; turn++) {
      let pulled: Pulled | undefined;
      this.pull(queueId, queueOffset, (answer) => {
        pulled = answer;
      });
      for (let wait = 0; wait < 100 && pulled === undefined; wait++) this.run(10);
      if (pulled === undefined) throw new Error('a pull was not answered');
      const next = Number(pulled.response.extFields?.['nextBeginOffset'] ?? queueOffset);
      bodies.push(...pulled.bodies);
      if (pulled.response.code === 19 || (pulled.response.code !== 0 && next === queueOffset))
        return bodies;
      queueOffset = next;
    }
    throw new Error('a queue has no end');
  }

  #createNetwork(): MemoryNetwork {
    const { scheduler, random, latencyMsMax } = this;
    return new MemoryNetwork({
      scheduler,
      random,
      latencyMsMin: 0,
      latencyMsMax,
      chunkBytesMax: 700,
    });
  }

  #createClient(): RemotingClient {
    const { scheduler, clock } = this;
    const network = this.#network.from('10.0.0.9');
    return new RemotingClient({ network, scheduler, clock, logger: silentLogger });
  }
}

const bodiesOf = (records: Buffer | undefined): string[] => {
  const bodies: string[] = [];
  const view = new RecordView();
  for (let at = 0; records !== undefined && at < records.length; at += view.recordBytes) {
    if (readRecord(records, at, records.length, view, true) !== 'record')
      throw new Error('bad record');
    bodies.push(records.toString('utf8', view.bodyStart, view.bodyStart + view.bodyBytes));
  }
  return bodies;
};
