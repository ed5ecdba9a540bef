import type { StoreOptions } from '../storage/index.ts';
import type { BrokerSettings } from './config/settings.ts';

/** The store's part of a broker's settings. */
export const storeOptionsOf = (
  settings: BrokerSettings,
  positions: Pick<StoreOptions, 'positionMemory' | 'resumeFrom'>,
): StoreOptions => ({
  storePathRootDir: settings.storePathRootDir,
  storePathCommitLog: settings.storePathCommitLog,
  mappedFileSizeCommitLog: settings.mappedFileSizeCommitLog,
  mappedFileSizeConsumeQueue: settings.mappedFileSizeConsumeQueue,
  flushDiskType: settings.flushDiskType,
  flushIntervalCommitLog: settings.flushIntervalCommitLog,
  flushIntervalConsumeQueue: settings.flushIntervalConsumeQueue,
  maxMessageSize: settings.maxMessageSize,
  deleteWhen: settings.deleteWhen,
  fileReservedTime: settings.fileReservedTime,
  diskMaxUsedSpaceRatio: settings.diskMaxUsedSpaceRatio,
  cleanFileForciblyEnable: settings.cleanFileForciblyEnable,
  cleanResourceInterval: settings.cleanResourceInterval,
  accessMessageInMemoryMaxRatio: settings.accessMessageInMemoryMaxRatio,
  maxTransferBytesOnMessageInMemory: settings.maxTransferBytesOnMessageInMemory,
  maxTransferCountOnMessageInMemory: settings.maxTransferCountOnMessageInMemory,
  maxTransferBytesOnMessageInDisk: settings.maxTransferBytesOnMessageInDisk,
  maxTransferCountOnMessageInDisk: settings.maxTransferCountOnMessageInDisk,
  messageDelayLevel: settings.messageDelayLevel,
  ...positions,
});
