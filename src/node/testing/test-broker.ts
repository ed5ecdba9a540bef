import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { child, Shard } from '../../actors/index.ts';
import {
  type Disk,
  type DiskLock,
  type Logger,
  silentLogger,
  systemRandom,
} from '../../base/index.ts';
import { type BrokerMessage, createBrokerActor } from '../../broker/index.ts';
import { nameServerActor } from '../../namesrv/index.ts';
import { createFileDisk } from '../../storage/index.ts';
import { readMachineFacts } from '../config/machine-facts.ts';
import {
  type BrokerSettings,
  loadBrokerSettings,
  loadNamesrvSettings,
  type NamesrvSettings,
} from '../config/settings.ts';
import { NodeError } from '../node-error.ts';
import { registrationWaitActor } from '../registration-wait.ts';
import { storeOptionsOf } from '../store-options.ts';
import { type ReservedPort, reserveTwoPorts } from './reserved-port.ts';
import { type ClockMode, TestClock } from './test-clock.ts';

/** Options of `createTestBroker`; none is needed. */
export interface TestBrokerOptions {
  /** `running` (default): time passes, and can be moved forward. `manual`: it passes only by `clock.advance`. */
  readonly clock?: ClockMode;
  /** The broker's time at its start, milliseconds since the epoch (default: now). */
  readonly startMs?: number;
  /** Address to listen on (default 127.0.0.1). */
  readonly host?: string;
  /** Where the store is kept; it stays after `close` (default: a temporary folder, which does not). */
  readonly storePath?: string;
  /** Settings of the broker by the names that `broker.conf` has. */
  readonly broker?: Partial<BrokerSettings>;
  /** Where servers log (default: nowhere). */
  readonly logger?: Logger;
}

/** Time of a test broker. */
export interface TestBrokerClock {
  /** Milliseconds since the epoch, as the broker sees it. */
  now(): number;
  /** Moves the broker's time forward, and resolves once everything that became due has run. */
  advance(ms: number): Promise<void>;
}

/** A name server and a broker for a test. */
export interface TestBroker {
  /** `host:port` of the name server: what clients are given. */
  readonly namesrvAddr: string;
  /** `host:port` of the broker. */
  readonly brokerAddr: string;
  readonly storePath: string;
  readonly clock: TestBrokerClock;
  /** What ended the broker by itself, if anything did. */
  readonly failure: unknown;
  /** Stops both and removes what they left; may be called again. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Room for a few of the largest messages; a segment is as long as this from its first message on. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
const QUEUE_SEGMENT_BYTES = 20 * 10_000;
/** A failure ends the test broker: a test should see it. */
const NO_RESTART = { strategy: 'oneForOne', restartsMax: 0, periodMs: 60_000 } as const;

interface Settings {
  readonly broker: BrokerSettings;
  readonly namesrv: NamesrvSettings;
}

/** @throws {NodeError} CONFIG_REFUSED, CONFIG_INVALID */
const settingsFor = (
  { broker = {} }: TestBrokerOptions,
  host: string,
  port: number,
  storePath: string,
): Settings => {
  const facts = readMachineFacts('broker', {});
  const { settings, refusals } = loadBrokerSettings({
    facts,
    defaults: {
      brokerName: 'test-broker',
      brokerIP1: host,
      storePathCommitLog: join(storePath, 'commitlog'),
      mappedFileSizeCommitLog: SEGMENT_BYTES,
      mappedFileSizeConsumeQueue: QUEUE_SEGMENT_BYTES,
      namesrvAddr: '',
    },
    overrides: { ...broker, listenPort: port, storePathRootDir: storePath },
  });
  if (refusals.length > 0) throw new NodeError('CONFIG_REFUSED', refusals.join('\n'));
  const namesrv = loadNamesrvSettings({
    facts: { ...facts, node: 'namesrv' },
    defaults: {
      kvConfigPath: join(storePath, 'namesrv', 'kvConfig.json'),
      configStorePath: join(storePath, 'namesrv', 'namesrv.properties'),
    },
  });
  return { broker: settings, namesrv: namesrv.settings };
};

/** What a test broker is made in: to be given back, however its start ends. */
interface Place {
  readonly ports: readonly [ReservedPort, ReservedPort];
  readonly storePath: string;
  /** Whether the folder is the caller's. */
  readonly isKept: boolean;
}

const openPlace = async ({ host = '127.0.0.1', storePath }: TestBrokerOptions): Promise<Place> => {
  const ports = await reserveTwoPorts(host);
  try {
    if (storePath === undefined) {
      const folder = mkdtempSync(join(tmpdir(), 'saturnmq-test-'));
      return { ports, storePath: folder, isKept: false };
    }
    mkdirSync(storePath, { recursive: true });
    return { ports, storePath, isKept: true };
  } catch (error) {
    for (const port of ports) port.close();
    throw error;
  }
};

const leavePlace = ({ ports, storePath, isKept }: Place): void => {
  for (const port of ports) port.close();
  if (!isKept) rmSync(storePath, { recursive: true, force: true });
};

class SingleThreadBroker implements TestBroker {
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
  readonly storePath: string;
  readonly clock: TestClock;
  failure: unknown;
  readonly #options: TestBrokerOptions;
  readonly #place: Place;
  readonly #disk: Disk;
  readonly #shard: Shard;
  readonly #lock: DiskLock;
  #closing: Promise<void> | undefined;

  /** Takes the store's lock; from then on `close` gives back everything. */
  constructor(options: TestBrokerOptions, place: Place) {
    const { host = '127.0.0.1', logger = silentLogger } = options;
    const [namesrvPort, brokerPort] = place.ports;
    this.#options = options;
    this.#place = place;
    this.storePath = place.storePath;
    this.namesrvAddr = `${host}:${namesrvPort.port}`;
    this.brokerAddr = `${host}:${brokerPort.port}`;
    this.clock = new TestClock(options.clock ?? 'running', options.startMs);
    const { clock } = this;
    this.#disk = createFileDisk({ scheduler: clock });
    this.#lock = this.#disk.lock(join(place.storePath, 'lock'));
    this.#shard = new Shard({
      name: 'test',
      clock,
      scheduler: clock,
      random: systemRandom,
      logger,
      supervision: NO_RESTART,
      onFailed: (error) => {
        this.failure ??= error;
      },
    });
  }

  /** Resolves once the broker is in the name server's routes. Where it fails, `close` is up to the caller. */
  async start(): Promise<void> {
    const [, { host, port }] = this.#place.ports;
    this.#spawn(settingsFor(this.#options, host, port, this.storePath));
    await this.#ready();
  }

  #ready(): Promise<void> {
    return new Promise((done, fail) => {
      if (this.failure !== undefined) fail(this.failure);
      const broker = this.#shard.resolve<BrokerMessage>('test', 'broker');
      const config = { broker, done };
      const actor = registrationWaitActor;
      this.#shard.spawnRoot(
        child({ id: 'registration-wait', actor, config, restart: 'temporary' }),
      );
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #spawn({ broker, namesrv }: Settings): void {
    const [namesrvPort, brokerPort] = this.#place.ports;
    const { clock } = this;
    const disk = this.#disk;
    const listenAt = ({ host, port }: ReservedPort) => ({ host, port });
    this.#shard.spawnRoot(
      child({
        id: 'name-server',
        actor: nameServerActor({ disk, network: namesrvPort.network, scheduler: clock }),
        config: { listen: listenAt(namesrvPort), settings: namesrv },
      }),
    );
    this.#shard.spawnRoot(
      child({
        id: 'broker',
        actor: createBrokerActor({ disk, network: brokerPort.network, scheduler: clock }),
        config: {
          settings: broker,
          store: storeOptionsOf(broker, {}),
          listen: [listenAt(brokerPort)],
          namesrvAddr: [this.namesrvAddr],
        },
      }),
    );
  }

  async #close(): Promise<void> {
    const stopped = new Promise<void>((done) => this.#shard.stop(done));
    await stopped;
    this.clock.end();
    this.#lock.release();
    leavePlace(this.#place);
  }
}

/**
 * Starts a name server and a broker in the calling thread: real sockets on free ports of the loopback address, real files
 * in a temporary folder, and a clock that a test can move forward.
 * @throws {NodeError} CONFIG_REFUSED for settings that a broker must not start with
 * @throws {StorageError} STORE_IN_USE and others where `storePath` cannot be used
 * @example
 * await using broker = await createTestBroker();
 * const producer = new Producer({ namesrvAddr: broker.namesrvAddr, producerGroup: 'test' });
 */
export const createTestBroker = async (options: TestBrokerOptions = {}): Promise<TestBroker> => {
  const place = await openPlace(options);
  let broker: SingleThreadBroker | undefined;
  try {
    broker = new SingleThreadBroker(options, place);
    await broker.start();
    return broker;
  } catch (error) {
    if (broker === undefined) leavePlace(place);
    else await broker.close();
    throw error;
  }
};
