import { join } from 'node:path';
import { ActorSystem, child } from '../actors/index.ts';
import {
  type Disk,
  type DiskLock,
  errorCode,
  type Logger,
  systemScheduler,
} from '../base/index.ts';
import type { BrokerMessage } from '../broker/index.ts';
import { createDisk, LogPositions, MappingTable, unmapAll } from '../storage/index.ts';
import { type ControlServer, serveControl } from './control-socket.ts';
import { FAULT_ACTOR, type FaultMessage } from './fault.actor.ts';
import { bindSocket, type ListeningSocket } from './listening-socket.ts';
import { readLogOptions } from './logging.ts';
import type { BrokerOptions, NamesrvOptions, NodeOptions, RunningNode } from './node-options.ts';
import { registrationWaitActor } from './registration-wait.ts';
import type { ShardSettings } from './shard-settings.ts';
import { storeOptionsOf } from './store-options.ts';

const NAMESRV_SHARD = 'namesrv';
const BROKER_SHARD = 'broker';
const BROKER_SHARD_NUMBER = 1;
/** The VIP port is the main port minus this. */
const VIP_PORT_DISTANCE = 2;
/** Tries to find a free port whose VIP port is free too. */
const FREE_PORT_TRIES = 20;
/** A failed broker is not restarted in its thread: the thread is replaced, and its store opened through recovery. */
const REPLACE_THREAD = { strategy: 'oneForOne', restartsMax: 0, periodMs: 60_000 } as const;
/** A thread that dies now and then is replaced at once; one that cannot stay alive ends the node in half a minute. */
const THREADS = {
  strategy: 'oneForOne',
  restartsMax: 60,
  periodMs: 60_000,
  backoff: { firstMs: 10, maxMs: 500, quietMs: 1_000 },
} as const;
/** A drain may have to flush a store's last segment. */
const BROKER_SHUTDOWN_MS = 60_000;

/**
 * Starts a name server, a broker, or both, each on a thread of its own; this thread supervises them and owns what must
 * outlive them: listening sockets, the store's lock, the table of mappings.
 * @throws what kept it from starting: a `StorageError` (STORE_IN_USE, DISK_FULL, …) or a socket's error
 */
export const startNode = async (options: NodeOptions): Promise<RunningNode> => {
  const node = new NodeRoot(options);
  try {
    await node.start();
  } catch (error) {
    await node.close();
    throw startFailureOf(error);
  }
  return node;
};

/** What an actor's start failed with, below the failures of its supervisors. */
const startFailureOf = (thrown: unknown): unknown => {
  let error = thrown;
  while (errorCode(error) === 'START_FAILED' && (error as Error).cause instanceof Error)
    error = (error as Error).cause;
  return error;
};

class NodeRoot implements RunningNode {
  readonly #options: NodeOptions;
  readonly #logger: Logger;
  readonly #system: ActorSystem;
  /** By the shard that serves them. */
  readonly #sockets = new Map<string, readonly ListeningSocket[]>();
  readonly #mappings = MappingTable.create();
  #lock: DiskLock | undefined;
  #control: ControlServer | undefined;
  #namesrvAddress: string | undefined;
  #brokerAddress: string | undefined;
  #fatal: Error | undefined;
  #onFatal: ((error: Error) => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#system = new ActorSystem({
      logger: options.logger,
      supervision: { ...THREADS, restartsMax: options.threadRestartsMax ?? THREADS.restartsMax },
      onShardExit: ({ name }) => this.#cleanUpAfter(name),
      onFatal: (error) => this.#fail(error),
    });
  }

  get namesrvAddress(): string {
    return this.#namesrvAddress ?? '';
  }

  get brokerAddress(): string {
    return this.#brokerAddress ?? '';
  }

  async start(): Promise<void> {
    const { namesrv, broker, controlPath } = this.#options;
    if (namesrv !== undefined) await this.#startNamesrv(namesrv);
    if (broker !== undefined) await this.#startBroker(broker);
    if (controlPath !== undefined) await this.#serveControl(controlPath);
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

  async #startNamesrv({ host, port, settings }: NamesrvOptions): Promise<void> {
    const socket = await bindSocket(host, port);
    this.#sockets.set(NAMESRV_SHARD, [socket]);
    this.#namesrvAddress = `${host}:${socket.port}`;
    await this.#system.startShard({
      name: NAMESRV_SHARD,
      registryUrl: new URL('./namesrv-shard.js', import.meta.url),
      settings: this.#shardSettings(),
      roots: () => [
        { id: 'name-server', actor: 'name-server', config: { listen: socket.share(), settings } },
      ],
    });
  }

  async #startBroker(options: BrokerOptions): Promise<void> {
    const { host, port } = options;
    const folder = options.settings.storePathRootDir;
    this.#lock = this.#lockStore(folder);
    const [main, vip] = await this.#bindPair(host, port);
    const settings = { ...options.settings, listenPort: main.port };
    this.#brokerAddress = `${settings.brokerIP1}:${main.port}`;
    const ownNamesrv = this.#namesrvAddress === undefined ? [] : [this.#namesrvAddress];
    const namesrvAddr = options.namesrvAddr.length > 0 ? options.namesrvAddr : ownNamesrv;
    const positions = LogPositions.createMemory();
    await this.#system.startShard({
      name: BROKER_SHARD,
      registryUrl: new URL('./broker-shard.js', import.meta.url),
      supervision: REPLACE_THREAD,
      shutdownMs: BROKER_SHUTDOWN_MS,
      settings: {
        ...this.#shardSettings(),
        mappings: { memory: this.#mappings.memory, shard: BROKER_SHARD_NUMBER },
        folders: [
          { folder: settings.storePathCommitLog, setting: 'storePathCommitLog' },
          { folder, setting: 'storePathRootDir' },
        ],
      } satisfies ShardSettings,
      roots: (attempt) => [
        {
          id: BROKER_SHARD,
          actor: 'broker',
          shutdownMs: BROKER_SHUTDOWN_MS,
          config: {
            settings,
            // A successor resumes where the dead thread's consume queues were complete.
            store: storeOptionsOf(
              settings,
              attempt === 0 ? { positionMemory: positions } : { resumeFrom: positions },
            ),
            listen: [main.share(), vip.share()],
            namesrvAddr,
          },
        },
        ...(this.#options.faults === true
          ? [{ id: FAULT_ACTOR, actor: FAULT_ACTOR, config: undefined }]
          : []),
      ],
    });
    await this.#registered();
  }

  #registered(): Promise<void> {
    return new Promise((done) => {
      this.#system.shard.spawnRoot(
        child({
          id: 'registration-wait',
          actor: registrationWaitActor,
          config: { broker: this.#system.ref<BrokerMessage>(BROKER_SHARD, BROKER_SHARD), done },
          restart: 'temporary',
        }),
      );
    });
  }

  #lockStore(folder: string): DiskLock {
    const disk: Disk = createDisk({
      scheduler: systemScheduler,
      logger: this.#logger,
      settings: [{ folder, setting: 'storePathRootDir' }],
    });
    disk.makeFolder(folder);
    return disk.lock(join(folder, 'lock'));
  }

  /** The main port and its VIP port; where any port will do, one whose VIP port is free. */
  async #bindPair(host: string, port: number): Promise<[ListeningSocket, ListeningSocket]> {
    for (let tries = 1; ; tries++) {
      const main = await bindSocket(host, port);
      try {
        const vip = await bindSocket(host, main.port - VIP_PORT_DISTANCE);
        this.#sockets.set(BROKER_SHARD, [main, vip]);
        return [main, vip];
      } catch (error) {
        main.close();
        if (port !== 0 || tries === FREE_PORT_TRIES) throw error;
      }
    }
  }

  #shardSettings(): ShardSettings {
    return { log: this.#options.log ?? readLogOptions(2) };
  }

  async #serveControl(path: string): Promise<void> {
    this.#control = await serveControl(path, {
      inspect: () => this.inspect(),
      ...(this.#options.faults === true
        ? { endHomeShard: (way: unknown) => this.#endHomeShard(way) }
        : {}),
    });
  }

  /** From outside by default; in the way a bug would end it where `way` says so. */
  #endHomeShard(way: unknown): void {
    if (way === 'throw' || way === 'exit') {
      this.#system.ref<FaultMessage>(BROKER_SHARD, FAULT_ACTOR).tell({ kind: way });
    } else {
      this.#system.terminateShard(BROKER_SHARD);
    }
  }

  #cleanUpAfter(shard: string): void {
    if (shard === BROKER_SHARD) unmapAll(this.#mappings, BROKER_SHARD_NUMBER);
    for (const socket of this.#sockets.get(shard) ?? []) socket.reclaim();
  }

  #fail(error: Error): void {
    this.#fatal = error;
    this.#onFatal?.(error);
  }

  async #close(): Promise<void> {
    await this.#control?.close();
    try {
      await this.#system.stop();
    } finally {
      for (const socket of [...this.#sockets.values()].flat()) socket.close();
      this.#lock?.release();
    }
  }
}
