import type { Clock, Logger, Random } from '../base/index.ts';
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
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}
