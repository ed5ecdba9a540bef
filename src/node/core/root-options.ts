import type { Logger } from '../../base/index.ts';
import type { RingPair } from '../../transport/index.ts';
import type { BrokerSettings, NamesrvSettings } from '../config/settings.ts';
import type { LogOptions } from '../logging.ts';

/** A server's listening address; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The name server of a node. */
export interface NamesrvOptions extends ListenAddress {
  readonly settings: NamesrvSettings;
}

/** The broker of a node, or the first of several. */
export interface BrokerOptions extends ListenAddress {
  readonly settings: BrokerSettings;
  /** Name servers to register with. Empty in a node that has a name server of its own: that one, alone. */
  readonly namesrvAddr: readonly string[];
  /** How many brokers there are (default 1), each with a home shard, a port and a store of its own. */
  readonly shards?: number;
  /** Further threads of each broker that accept its connections and read and write them (default 0: its own thread does). */
  readonly ioShards?: number;
}

/** What a node consists of; at least one of the two servers. All but `logger` is plain data. */
export interface RootOptions {
  readonly namesrv?: NamesrvOptions;
  readonly broker?: BrokerOptions;
  readonly logger: Logger;
  /** How the node's threads log; they cannot share `logger`. Default: standard error, as `LOG_LEVEL` says. */
  readonly log?: LogOptions;
  /** Where the node answers `saturnmq actors`; absent: nowhere. */
  readonly controlPath?: string;
  /** Threads that may be replaced within a minute before the node gives up (default 60). */
  readonly threadRestartsMax?: number;
  /** Lets tests break the node on purpose through its control socket. */
  readonly faults?: boolean;
  /** Largest JavaScript heap of each thread, MiB. */
  readonly heapMaxMib?: number;
  /** How long a broker's thread looks for work before it sleeps, µs. */
  readonly spinUs?: number;
  /** Whether threads of this process may speak to the servers through rings (default false). */
  readonly hasRings?: boolean;
  /** False: no port is opened, addresses are only names, and the servers are reached by rings (default true). */
  readonly isListening?: boolean;
  /** A thread died though nobody stopped it. */
  readonly onShardExit?: (exit: ShardDeath) => void;
  /** A thread that died was replaced. */
  readonly onShardRestart?: (restart: { readonly shard: string; readonly attempt: number }) => void;
}

/** How a thread died: plain data. */
export interface ShardDeath {
  readonly shard: string;
  readonly code: number;
  readonly reason: string;
}

/** A server that rings lead to. */
export interface ServerFacts {
  readonly shard: string;
  readonly address: string;
}

/** What one thread speaks to a node's servers with: shared memory, to be sent to that thread. */
export interface ThreadRings {
  readonly id: number;
  readonly doorbell: SharedArrayBuffer;
  readonly pairs: readonly { readonly address: string; readonly pair: RingPair }[];
}

/** One broker of a node. */
export interface BrokerFacts {
  readonly brokerName: string;
  /** `host:port` that it announces. */
  readonly address: string;
  readonly storePathRootDir: string;
  readonly storePathCommitLog: string;
  readonly mappedFileSizeCommitLog: number;
}

/** A node that serves. */
export interface RunningRoot {
  /** `host:port` of the name server as it listens. */
  readonly namesrvAddress?: string;
  /** `host:port` that the first broker announces. */
  readonly brokerAddress?: string;
  /** All brokers, in the order of their numbers. */
  readonly brokers: readonly BrokerFacts[];
  /** Rings to all servers of the node, for one thread. @throws {NodeError} HANDLES_EXCEEDED */
  attach(): Promise<ThreadRings>;
  /** Takes the rings back of a thread that is gone, or needs them no longer. */
  detach(id: number): void;
  /** The supervision tree of the whole node, as plain data. */
  inspect(): Promise<unknown>;
  /** Stops accepting, drains, flushes and leaves a clean store. */
  close(): Promise<void>;
  /** Called once when the node cannot go on; the process should end. */
  onFatal(callback: (error: Error) => void): void;
}
