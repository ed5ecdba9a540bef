import { join } from 'node:path';
import type { RootSpec, ShardSpec } from '../../actors/index.ts';
import { type Disk, type DiskLock, type Logger, systemScheduler } from '../../base/index.ts';
import { createDisk, LogPositions, MappingTable, unmapAll } from '../../storage/index.ts';
import type { ListenAt, RingPair } from '../../transport/index.ts';
import { resolveHost } from '../address.ts';
import type { BrokerSettings } from '../config/settings.ts';
import { FAULT_ACTOR } from '../fault.actor.ts';
import type { ForwarderConfig } from '../forwarder.actor.ts';
import { bindSocket, type ListeningSocket } from '../listening-socket.ts';
import type { ShardSettings } from '../shard-settings.ts';
import { storeOptionsOf } from '../store-options.ts';
import type { BrokerFacts } from './root-options.ts';

/** Id of the broker actor in every home shard. */
export const BROKER_ACTOR = 'broker';
/** Each table of mappings has one owner. */
const MAPPING_OWNER = 1;
/** The VIP port is the main port minus this. */
const VIP_PORT_DISTANCE = 2;
/** Tries to find a free port whose VIP port is free too. */
const FREE_PORT_TRIES = 20;
/** A failed broker is not restarted in its thread: the thread is replaced, and its store opened through recovery. */
const REPLACE_THREAD = { strategy: 'oneForOne', restartsMax: 0, periodMs: 60_000 } as const;
/** A drain may have to flush a store's last segment. */
const BROKER_SHUTDOWN_MS = 60_000;

/** Where one broker is at home. */
export interface BrokerHomeOptions {
  /** Number of the broker in its node, from 0. */
  readonly index: number;
  readonly host: string;
  readonly port: number;
  readonly settings: BrokerSettings;
  readonly logger: Logger;
  readonly hasFaults: boolean;
  /** False opens no port. */
  readonly isListening: boolean;
  /** Shards that accept connections for this broker, which then accepts none itself. */
  readonly ioShards: number;
}

/** What one broker's threads have in common, and must outlive each of them: sockets, lock, mappings, positions. */
export class BrokerHome {
  /** Name of the broker's shard. */
  readonly shard: string;
  /** Names of its I/O shards. */
  readonly ioShards: readonly string[];
  readonly #options: BrokerHomeOptions;
  readonly #mappings = MappingTable.create();
  readonly #positions = LogPositions.createMemory();
  #lock: DiskLock | undefined;
  #storeHost = '';
  #sockets: readonly ListeningSocket[] = [];

  constructor(options: BrokerHomeOptions) {
    this.#options = options;
    this.shard = options.index === 0 ? BROKER_ACTOR : `${BROKER_ACTOR}-${options.index}`;
    const ioShards = options.isListening ? options.ioShards : 0;
    this.ioShards = Array.from({ length: ioShards }, (_, index) => `${this.shard}-io-${index + 1}`);
  }

  get facts(): BrokerFacts {
    const { settings } = this;
    return {
      brokerName: settings.brokerName,
      address: `${settings.brokerIP1}:${settings.listenPort}`,
      storePathRootDir: settings.storePathRootDir,
      storePathCommitLog: settings.storePathCommitLog,
      mappedFileSizeCommitLog: settings.mappedFileSizeCommitLog,
    };
  }

  /** Settings with the port that was bound. */
  get settings(): BrokerSettings {
    const { settings } = this.#options;
    const port = this.#sockets[0]?.port;
    return port === undefined ? settings : { ...settings, listenPort: port };
  }

  /**
   * Takes the store and the ports.
   * @throws a `NodeError` (CONFIG_INVALID) where `brokerIP1` is a name that does not resolve, a `StorageError`
   * (STORE_IN_USE, BAD_FOLDER …) or a socket's error
   */
  async open(): Promise<void> {
    const { host, port, settings, isListening } = this.#options;
    this.#storeHost = await resolveHost(settings.brokerIP1);
    this.#lock = this.#lockStore(settings.storePathRootDir);
    if (isListening) this.#sockets = await bindPair(host, port);
  }

  /** How the broker's shard is started, and every successor of its thread. */
  spec(shardSettings: ShardSettings, namesrvAddr: readonly string[]): ShardSpec {
    const { settings } = this;
    const folder = settings.storePathRootDir;
    return {
      name: this.shard,
      registryUrl: new URL('../broker-shard.js', import.meta.url),
      supervision: REPLACE_THREAD,
      shutdownMs: BROKER_SHUTDOWN_MS,
      settings: {
        ...shardSettings,
        mappings: { memory: this.#mappings.memory, shard: MAPPING_OWNER },
        folders: [
          { folder: settings.storePathCommitLog, setting: 'storePathCommitLog' },
          { folder, setting: 'storePathRootDir' },
        ],
      } satisfies ShardSettings,
      roots: (attempt) => this.#roots(attempt, namesrvAddr),
    };
  }

  /** How one of its I/O shards is started, and every successor of that thread. */
  ioSpec(name: string, shardSettings: ShardSettings, pair: RingPair): ShardSpec {
    return {
      name,
      registryUrl: new URL('../io-shard.js', import.meta.url),
      supervision: REPLACE_THREAD,
      settings: shardSettings,
      roots: () => [
        {
          id: 'forwarder',
          actor: 'forwarder',
          config: { pair, listen: this.#share(name) } satisfies ForwarderConfig,
        },
      ],
    };
  }

  /** What the dead thread of `shard` left, where it is one of this broker's: call it before its successor starts. */
  cleanUp(shard: string): void {
    const isOwn = shard === this.shard;
    if (isOwn) unmapAll(this.#mappings, MAPPING_OWNER);
    if (isOwn || this.ioShards.includes(shard))
      for (const socket of this.#sockets) socket.reclaim(shard);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#lock?.release();
    this.#lock = undefined;
  }

  #roots(attempt: number, namesrvAddr: readonly string[]): RootSpec[] {
    const positions = this.#positions;
    const { settings } = this;
    const broker = {
      id: BROKER_ACTOR,
      actor: 'broker',
      shutdownMs: BROKER_SHUTDOWN_MS,
      config: {
        settings,
        storeHost: this.#storeHost,
        // A successor resumes where the dead thread's consume queues were complete.
        store: storeOptionsOf(
          settings,
          attempt === 0 ? { positionMemory: positions } : { resumeFrom: positions },
        ),
        listen: this.ioShards.length === 0 ? this.#share(this.shard) : [],
        namesrvAddr,
      },
    };
    const fault = { id: FAULT_ACTOR, actor: FAULT_ACTOR, config: undefined };
    return this.#options.hasFaults ? [broker, fault] : [broker];
  }

  #share(shard: string): ListenAt[] {
    return this.#sockets.map((socket) => socket.share(shard));
  }

  #lockStore(folder: string): DiskLock {
    const disk: Disk = createDisk({
      scheduler: systemScheduler,
      logger: this.#options.logger,
      settings: [{ folder, setting: 'storePathRootDir' }],
    });
    disk.makeFolder(folder);
    return disk.lock(join(folder, 'lock'));
  }
}

/** The main port and its VIP port; where any port will do, one whose VIP port is free. */
const bindPair = async (
  host: string,
  port: number,
): Promise<readonly [ListeningSocket, ListeningSocket]> => {
  for (let tries = 1; ; tries++) {
    const main = await bindSocket(host, port);
    try {
      return [main, await bindSocket(host, main.port - VIP_PORT_DISTANCE)];
    } catch (error) {
      main.close();
      if (port !== 0 || tries === FREE_PORT_TRIES) throw error;
    }
  }
};
