import type { LogOptions } from './logging.ts';

/** What every shard of a node is told at its start: plain data. */
export interface ShardSettings {
  readonly log: LogOptions;
  /** Where a broker's shard writes down what it maps: the table's memory, and its number there. */
  readonly mappings?: { readonly memory: SharedArrayBuffer; readonly shard: number };
  /** Which setting names each folder, for messages about full or unusable disks. */
  readonly folders?: readonly { readonly folder: string; readonly setting: string }[];
}
