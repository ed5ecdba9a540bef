import { totalmem } from 'node:os';
import type { Clock, Disk, Logger, Random, Scheduler } from '../base/index.ts';
import { StorageError } from './storage-error.ts';

/** Everything outside a store. */
export interface StoreEnv {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly random: Random;
}

/** Where a store lives and how it behaves: RocketMQ's own setting names and units. */
export interface StoreOptions {
  readonly storePathRootDir: string;
  /** Default `<root>/commitlog`. One path: the comma list of RocketMQ is refused. */
  readonly storePathCommitLog?: string;
  /** Bytes of a commit-log segment. */
  readonly mappedFileSizeCommitLog?: number;
  /** Bytes of a consume-queue file, rounded up to whole units of 20 bytes. */
  readonly mappedFileSizeConsumeQueue?: number;
  readonly flushDiskType?: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  /** Milliseconds between flushes of the log under ASYNC_FLUSH. */
  readonly flushIntervalCommitLog?: number;
  /** Milliseconds between flushes of the consume queues and the checkpoint. */
  readonly flushIntervalConsumeQueue?: number;
  /** Largest record, header and properties included. */
  readonly maxMessageSize?: number;
  /** Hours of the day, local time, separated by `;`, at which old segments are deleted. */
  readonly deleteWhen?: string;
  /** Hours a segment is kept after its last write. */
  readonly fileReservedTime?: number;
  /** Percent of the disk in use above which old segments are deleted at any hour. */
  readonly diskMaxUsedSpaceRatio?: number;
  /** Above 85 % disk use delete segments although they are not due. */
  readonly cleanFileForciblyEnable?: boolean;
  /** Milliseconds between retention rounds. */
  readonly cleanResourceInterval?: number;
  readonly accessMessageInMemoryMaxRatio?: number;
  readonly maxTransferBytesOnMessageInMemory?: number;
  readonly maxTransferCountOnMessageInMemory?: number;
  readonly maxTransferBytesOnMessageInDisk?: number;
  readonly maxTransferCountOnMessageInDisk?: number;
  readonly messageDelayLevel?: string;
  /** Bytes of main memory, which decides what counts as "in memory". Default: the machine's. */
  readonly memoryBytes?: number;
  /** Units a queue keeps in memory before they are written to its file. */
  readonly queueTailUnitsMax?: number;
  /** Consume-queue files open at a time. */
  readonly openQueueFilesMax?: number;
  /**
   * Positions published by a shard that died in this process, see `LogPositions`: recovery starts where its consume
   * queues were complete instead of at the checkpoint. The memory is taken over and published to again.
   */
  readonly resumeFrom?: SharedArrayBuffer;
  /** Memory to publish positions in; without it, and without `resumeFrom`, the store makes its own. */
  readonly positionMemory?: SharedArrayBuffer;
}

/** Every option with a value. */
export type StoreSettings = Required<Omit<StoreOptions, 'resumeFrom' | 'positionMemory'>> &
  Pick<StoreOptions, 'resumeFrom' | 'positionMemory'>;

const MIB = 1024 * 1024;

/** RocketMQ 4.9.2's defaults. */
export const STORE_DEFAULTS = {
  mappedFileSizeCommitLog: 1024 * MIB,
  mappedFileSizeConsumeQueue: 300_000 * 20,
  flushDiskType: 'ASYNC_FLUSH',
  flushIntervalCommitLog: 500,
  flushIntervalConsumeQueue: 1000,
  maxMessageSize: 4 * MIB,
  deleteWhen: '04',
  fileReservedTime: 72,
  diskMaxUsedSpaceRatio: 75,
  cleanFileForciblyEnable: true,
  cleanResourceInterval: 10_000,
  accessMessageInMemoryMaxRatio: 40,
  maxTransferBytesOnMessageInMemory: 256 * 1024,
  maxTransferCountOnMessageInMemory: 32,
  maxTransferBytesOnMessageInDisk: 64 * 1024,
  maxTransferCountOnMessageInDisk: 8,
  messageDelayLevel: '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h',
  queueTailUnitsMax: 512,
  openQueueFilesMax: 1024,
} as const;

/**
 * Fills in the defaults.
 * @throws {StorageError} BAD_FOLDER for a commit log over several folders
 */
export function storeSettings(options: StoreOptions): StoreSettings {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
  const settings: StoreSettings = {
    ...STORE_DEFAULTS,
    storePathCommitLog: `${options.storePathRootDir}/commitlog`,
    memoryBytes: totalmem(),
    ...given,
    storePathRootDir: options.storePathRootDir,
  };
  const path = settings.storePathCommitLog;
  if (!path.includes(',')) return settings;
  throw new StorageError(
    'BAD_FOLDER',
    `storePathCommitLog names several folders (${path}): a commit log over more than one folder is not supported, give one`,
    { setting: 'storePathCommitLog', path },
  );
}
