import type { Clock, Logger, Random } from '../base/index.ts';
import type { TopicConfig } from '../protocol/index.ts';
import type { MessageStore } from '../storage/index.ts';
import type { BrokerSettings } from './broker-settings.ts';
import type { ConsumerOffsetTable } from './consumer-offset-table.ts';
import type { GroupDirectory } from './group-directory.ts';
import type { ProducerTable } from './producer-table.ts';
import type { QueueDirectory } from './queue-directory.ts';
import type { SubscriptionGroupTable } from './subscription-group-table.ts';
import type { TopicTable } from './topic-table.ts';

/** The parts of one running broker, as its processors see them. */
export interface BrokerParts {
  readonly settings: BrokerSettings;
  readonly store: MessageStore;
  readonly topics: TopicTable;
  readonly groups: SubscriptionGroupTable;
  readonly offsets: ConsumerOffsetTable;
  readonly producers: ProducerTable;
  readonly queues: QueueDirectory;
  readonly consumerGroups: GroupDirectory;
  /** Tells the name servers of a topic; `done` is called when each has answered or failed to. */
  readonly announce: (topic: TopicConfig, done?: () => void) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}
