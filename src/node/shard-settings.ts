import type { RingPair } from '../transport/index.ts';
import type { LogOptions } from './logging.ts';

/** What every shard of a node is told at its start: plain data. */
export interface ShardSettings {
  readonly log: LogOptions;
  /** Where a broker's shard writes down what it maps: the table's memory, and its number there. */
  readonly mappings?: { readonly memory: SharedArrayBuffer; readonly shard: number };
  /** This thread's doorbell for rings, which outlives it. */
  readonly rings?: ShardRings;
  /** Which setting names each folder, for messages about full or unusable disks. */
  readonly folders?: readonly { readonly folder: string; readonly setting: string }[];
}

/** What a shard's hub of rings is made of: plain data. */
export interface ShardRings {
  readonly doorbell: SharedArrayBuffer;
  /** How long the thread looks for work before it sleeps, µs. */
  readonly spinUs?: number;
  /** The name server that is reached by a ring: `host:port`, which is only a name. */
  readonly namesrv?: { readonly address: string; readonly pair: RingPair };
}
