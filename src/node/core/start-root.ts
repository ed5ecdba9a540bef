import { ActorSystem, child, type ShardExit, type ShardSpec } from '../../actors/index.ts';
import { assert, errorCode, type Logger } from '../../base/index.ts';
import type { BrokerMessage } from '../../broker/index.ts';
import { type ControlServer, serveControl } from '../control-socket.ts';
import { FAULT_ACTOR, type FaultMessage } from '../fault.actor.ts';
import { bindSocket, type ListeningSocket } from '../listening-socket.ts';
import { readLogOptions } from '../logging.ts';
import { registrationWaitActor } from '../registration-wait.ts';
import type { ShardSettings } from '../shard-settings.ts';
import { BROKER_ACTOR, BrokerHome } from './broker-home.ts';
import { brokerSettingsOf, requireNoneDropped, requireThreads } from './broker-shards.ts';
import type { RingAttachments } from './ring-attachments.ts';
import type {
  BrokerFacts,
  BrokerOptions,
  NamesrvOptions,
  RootOptions,
  RunningRoot,
  ThreadRings,
} from './root-options.ts';

/**
 * Young generation of a shard's heap: three times V8's smallest semi-space. Each read from a socket makes a buffer outside
 * the heap, and only a collection gives it back; with larger spaces the young one comes so rarely that the buffers start
 * collections of the whole heap, a dozen a second.
 */
const YOUNG_MIB = 3;
const NAMESRV_SHARD = 'namesrv';
/** A thread that dies now and then is replaced at once; one that cannot stay alive ends the node in half a minute. */
const THREADS = {
  strategy: 'oneForOne',
  restartsMax: 60,
  periodMs: 60_000,
  backoff: { firstMs: 10, maxMs: 500, quietMs: 1_000 },
} as const;

/**
 * Starts a name server, one or more brokers, or both, each on a thread of its own; this thread supervises them and owns
 * what must outlive them: listening sockets, the stores' locks, the tables of mappings.
 * @throws {NodeError} SHARDS_LOWERED; what else kept it from starting: a `StorageError` (STORE_IN_USE, DISK_FULL, …) or
 * a socket's error
 */
export const startRoot = async (options: RootOptions): Promise<RunningRoot> => {
  const root = new NodeRoot(options);
  try {
    await root.start();
  } catch (error) {
    await root.close();
    throw startFailureOf(error);
  }
  return root;
};

/** What an actor's start failed with, below the failures of its supervisors. */
const startFailureOf = (thrown: unknown): unknown => {
  let error = thrown;
  while (errorCode(error) === 'START_FAILED' && (error as Error).cause instanceof Error)
    error = (error as Error).cause;
  return error;
};

class NodeRoot implements RunningRoot {
  readonly #options: RootOptions;
  readonly #logger: Logger;
  readonly #system: ActorSystem;
  readonly #homes: BrokerHome[] = [];
  #rings: RingAttachments | undefined;
  #namesrvSocket: ListeningSocket | undefined;
  #control: ControlServer | undefined;
  #namesrvAddress: string | undefined;
  #fatal: Error | undefined;
  #onFatal: ((error: Error) => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RootOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#system = new ActorSystem({
      logger: options.logger,
      supervision: { ...THREADS, restartsMax: options.threadRestartsMax ?? THREADS.restartsMax },
      tasksUrl: new URL('../pool-tasks.js', import.meta.url),
      onShardExit: (exit) => this.#onShardExit(exit),
      onShardReady: (shard, attempt) => {
        if (attempt > 0) options.onShardRestart?.({ shard, attempt });
      },
      onFatal: (error) => this.#fail(error),
    });
  }

  get namesrvAddress(): string {
    return this.#namesrvAddress ?? '';
  }

  get brokerAddress(): string {
    return this.brokers[0]?.address ?? '';
  }

  get brokers(): readonly BrokerFacts[] {
    return this.#homes.map(({ facts }) => facts);
  }

  async start(): Promise<void> {
    const { namesrv, broker, controlPath, hasRings } = this.#options;
    if (hasRings === true || (broker?.ioShards ?? 0) > 0) {
      // Loaded where they are used: a server on its own has no rings.
      const { RingAttachments } = await import('./ring-attachments.ts');
      this.#rings = new RingAttachments(this.#system);
    }
    if (namesrv !== undefined) await this.#openNamesrv(namesrv);
    if (broker !== undefined) await this.#openHomes(broker);
    // Threads start together: a connection to one that does not serve yet waits in its socket's queue.
    const starting = namesrv === undefined ? [] : [this.#startNamesrv(namesrv)];
    if (broker !== undefined) {
      const namesrvAddr = this.#namesrvAddrOf(broker);
      for (const home of this.#homes) starting.push(this.#startBroker(home, namesrvAddr));
      // After the brokers, so that they stop before them.
      for (const home of this.#homes) starting.push(...this.#startIo(home));
    }
    if (this.#rings !== undefined) starting.push(this.#rings.servePairs());
    await allStarted(starting);
    await Promise.all(this.#homes.map(({ shard }) => this.#registered(shard)));
    if (controlPath !== undefined) await this.#serveControl(controlPath);
  }

  attach(): Promise<ThreadRings> {
    const namesrv = { shard: NAMESRV_SHARD, address: this.namesrvAddress };
    const brokers = this.#homes.map(({ shard, facts }) => ({ shard, address: facts.address }));
    assert(this.#rings !== undefined, 'the node was started with rings');
    const hasNamesrv = this.#options.namesrv !== undefined;
    return this.#rings.attach(hasNamesrv ? [namesrv, ...brokers] : brokers);
  }

  detach(id: number): void {
    this.#rings?.detach(id);
  }

  inspect(): Promise<unknown> {
    return this.#system.inspect();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  onFatal(callback: (error: Error) => void): void {
    if (this.#fatal !== undefined) callback(this.#fatal);
    else this.#onFatal = callback;
  }

  async #openNamesrv({ host, port }: NamesrvOptions): Promise<void> {
    if (this.#isListening) this.#namesrvSocket = await bindSocket(host, port);
    this.#namesrvAddress = `${host}:${this.#namesrvSocket?.port ?? port}`;
  }

  #namesrvAddrOf({ namesrvAddr }: BrokerOptions): readonly string[] {
    if (namesrvAddr.length > 0 || this.#namesrvAddress === undefined) return namesrvAddr;
    return [this.#namesrvAddress];
  }

  async #openHomes(options: BrokerOptions): Promise<void> {
    const { host, port, shards = 1, ioShards = 0 } = options;
    const first = { ...options.settings, listenPort: port };
    requireThreads(shards, this.#isListening ? ioShards : 0);
    requireNoneDropped(first, shards);
    for (let index = 0; index < shards; index++) {
      const settings = brokerSettingsOf(first, index);
      const hasFaults = this.#options.faults === true;
      const home = new BrokerHome({
        index,
        host,
        port: settings.listenPort,
        settings,
        logger: this.#logger,
        hasFaults,
        isListening: this.#isListening,
        ioShards,
      });
      this.#homes.push(home);
      await home.open();
    }
  }

  #startNamesrv({ settings }: NamesrvOptions): Promise<void> {
    const socket = this.#namesrvSocket;
    return this.#system.startShard({
      name: NAMESRV_SHARD,
      registryUrl: new URL('../namesrv-shard.js', import.meta.url),
      settings: this.#shardSettings(NAMESRV_SHARD),
      ...this.#limits(),
      roots: () => [
        { id: 'name-server', actor: 'name-server', config: { listen: socket?.share(), settings } },
      ],
    });
  }

  #startBroker(home: BrokerHome, namesrvAddr: readonly string[]): Promise<void> {
    const { rings, ...settings } = this.#shardSettings(home.shard);
    const address = this.#namesrvAddress;
    const isByRing = !this.#isListening && address !== undefined && namesrvAddr.includes(address);
    const pair = isByRing ? this.#rings?.pairBetween(home.shard, NAMESRV_SHARD) : undefined;
    const namesrv = pair === undefined ? {} : { namesrv: { address: this.namesrvAddress, pair } };
    const more = rings === undefined ? {} : { rings: { ...rings, ...namesrv } };
    const spec = home.spec({ ...settings, ...more }, namesrvAddr);
    return this.#system.startShard({ ...spec, ...this.#limits() });
  }

  #startIo(home: BrokerHome): Promise<void>[] {
    const rings = this.#rings;
    if (rings === undefined) return [];
    return home.ioShards.map((name) => {
      const pair = rings.pairBetween(name, home.shard);
      const spec = home.ioSpec(name, this.#shardSettings(name), pair);
      return this.#system.startShard({ ...spec, ...this.#limits() });
    });
  }

  get #isListening(): boolean {
    return this.#options.isListening !== false;
  }

  #registered(shard: string): Promise<void> {
    return new Promise((done) => {
      this.#system.shard.spawnRoot(
        child({
          id: `registration-wait-${shard}`,
          actor: registrationWaitActor,
          config: { broker: this.#system.ref<BrokerMessage>(shard, BROKER_ACTOR), done },
          restart: 'temporary',
        }),
      );
    });
  }

  #shardSettings(shard: string): ShardSettings {
    const { log = readLogOptions(2), spinUs } = this.#options;
    const rings = this.#rings?.ringsOf(shard);
    if (rings === undefined) return { log };
    return { log, rings: spinUs === undefined ? rings : { ...rings, spinUs } };
  }

  #limits(): Pick<ShardSpec, 'resourceLimits'> {
    const { heapMaxMib } = this.#options;
    const young = { maxYoungGenerationSizeMb: YOUNG_MIB };
    const old = heapMaxMib === undefined ? {} : { maxOldGenerationSizeMb: heapMaxMib };
    return { resourceLimits: { ...young, ...old } };
  }

  async #serveControl(path: string): Promise<void> {
    this.#control = await serveControl(path, {
      inspect: () => this.inspect(),
      ...(this.#options.faults === true
        ? { endHomeShard: (way: unknown) => this.#endHomeShard(way) }
        : {}),
    });
  }

  /** From outside by default; in the way a bug would end it where `way` says so; or the I/O shard of that name. */
  #endHomeShard(way: unknown): void {
    const ioShard = this.#homes.flatMap((home) => home.ioShards).find((name) => name === way);
    if (ioShard !== undefined) {
      this.#system.terminateShard(ioShard);
    } else if (way === 'throw' || way === 'exit') {
      this.#system.ref<FaultMessage>(BROKER_ACTOR, FAULT_ACTOR).tell({ kind: way });
    } else {
      this.#system.terminateShard(BROKER_ACTOR);
    }
  }

  #onShardExit({ name, code, error, isOrdered }: ShardExit): void {
    if (name === NAMESRV_SHARD) this.#namesrvSocket?.reclaim();
    for (const home of this.#homes) home.cleanUp(name);
    this.#rings?.shardGone(name, isOrdered);
    if (isOrdered) return;
    this.#options.onShardExit?.({
      shard: name,
      code,
      reason: error?.message ?? `exit code ${code}`,
    });
  }

  #fail(error: Error): void {
    for (const { shard } of [...this.#homes, { shard: NAMESRV_SHARD }])
      if (!this.#system.isRunning(shard)) this.#rings?.shardGone(shard, true);
    this.#fatal = error;
    this.#onFatal?.(error);
  }

  async #close(): Promise<void> {
    await this.#control?.close();
    try {
      await this.#system.stop();
    } finally {
      this.#namesrvSocket?.close();
      for (const home of this.#homes) home.close();
    }
  }
}

/** Waits for all of them, and then fails with the first failure: what started late is not left to itself. */
const allStarted = async (starting: readonly Promise<void>[]): Promise<void> => {
  const outcomes = await Promise.allSettled(starting);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
};
