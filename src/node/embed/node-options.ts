import type { BrokerSettings } from '../config/settings.ts';
import type { NodeLogger } from '../log-channel.ts';

/** Ports that a node opens. */
export interface ListenOptions {
  /** Address to listen on (default 127.0.0.1). */
  readonly host?: string;
  /** Port of the broker (default 10911; 0: a free one); its VIP port is two below. */
  readonly port?: number;
  /** Port of the name server (default 9876; 0: a free one). */
  readonly namesrvPort?: number;
}

/** What an embedded node consists of. */
export interface NodeOptions {
  /** Folder of the first broker's store, the next ones have it with `-1`, `-2` … appended; made where it is missing. */
  readonly storePath: string;
  /** A name server of its own (default true), or the `host:port` of others, several separated by `;`. */
  readonly namesrv?: boolean | string;
  /** Keys of `broker.conf`; false: no broker. */
  readonly broker?: Partial<BrokerSettings> | false;
  /** False opens no port: only this process reaches the node. */
  readonly listen?: ListenOptions | false;
  /** Whether a send is answered before or after its bytes are on the disk (default ASYNC_FLUSH). */
  readonly flush?: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  /** Brokers, each with a thread and a store of its own (default 1). */
  readonly shards?: number;
  /** Threads beside each broker's own that accept its connections and do their reading and writing (default 0: its own does). */
  readonly ioShards?: number;
  /** How long a broker's thread looks for work before it sleeps, µs (default 2); more costs a core. */
  readonly spinUs?: number;
  /** Where the node's records go (default: warnings and errors, as JSON lines, to standard error); false: nowhere. */
  readonly logger?: NodeLogger | false;
  /** Least important level that is logged (default: the logger's own `level`, else info). */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** Largest JavaScript heap of each thread of a broker, of the name server and of I/O shards, MiB (default: Node's own limit). */
  readonly heapMaxMib?: number;
  /** Where the node answers `saturnmq actors`: path of a socket (default: nowhere). */
  readonly controlPath?: string;
  /** Threads that may be replaced within a minute before the node gives up (default 60). */
  readonly threadRestartsMax?: number;
  /** Lets tests end a broker's thread through `controlPath`. */
  readonly faults?: boolean;
}

/** Options without what cannot be sent to another thread. */
export type PlainNodeOptions = Omit<NodeOptions, 'logger' | 'logLevel'>;

/** What happens to a node while it runs. */
export interface NodeEvents {
  /** A thread died; it is being replaced. */
  shardExit: [exit: { readonly shard: string; readonly code: number; readonly reason: string }];
  /** A thread that died has been replaced, and serves. */
  shardRestart: [restart: { readonly shard: string; readonly attempt: number }];
  /** A setting is odd. */
  warning: [message: string];
  /** The node cannot go on: close it. */
  fatal: [error: Error];
}
