import type { TopicSettings } from './topic-table.ts';

/** What the broker's own code needs of its configuration; names, units and defaults are RocketMQ's. */
export interface BrokerSettings extends TopicSettings {
  readonly brokerId: number;
  /** Address told to clients and written into every message. */
  readonly brokerIP1: string;
  readonly listenPort: number;
  readonly brokerPermission: number;
  readonly autoCreateSubscriptionGroup: boolean;
  readonly notifyConsumerIdsChangedEnable: boolean;
  readonly longPollingEnable: boolean;
  readonly shortPollingTimeMills: number;
  readonly regionId: string;
  readonly traceOn: boolean;
  readonly startAcceptSendRequestTimeStamp: number;
  readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  readonly flushConsumerOffsetInterval: number;
  readonly registerNameServerPeriod: number;
  readonly registerBrokerTimeoutMills: number;
  readonly compressedRegister: boolean;
  readonly forceRegister: boolean;
}
