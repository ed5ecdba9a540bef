import type { Clock } from '../base/index.ts';
import { groupNameFault, SYSTEM_GROUP_PREFIX, SYSTEM_GROUPS } from '../message/index.ts';
import type { SubscriptionGroupConfig, SubscriptionGroupTableBody } from '../protocol/index.ts';
import type { ConfigStore } from './config-store.ts';
import { type DataVersion, nextVersion } from './data-version.ts';

/** A group with RocketMQ's defaults. */
export const defaultGroup = (groupName: string): SubscriptionGroupConfig => ({
  brokerId: 0,
  consumeBroadcastEnable: true,
  consumeEnable: true,
  consumeFromMinEnable: true,
  groupName,
  notifyConsumerIdsChangedEnable: true,
  retryMaxTimes: 16,
  retryQueueNums: 1,
  whichBrokerWhenConsumeSlowly: 1,
});

/**
 * The consumer groups a broker knows and how each may consume.
 * @source rocketmq 4.9.2 broker/subscription/SubscriptionGroupManager.java
 */
export class SubscriptionGroupTable {
  readonly #groups = new Map<string, SubscriptionGroupConfig>();
  readonly #store: ConfigStore<SubscriptionGroupTableBody>;
  readonly #clock: Clock;
  readonly #autoCreate: boolean;
  #version: DataVersion;

  constructor(
    settings: { readonly autoCreateSubscriptionGroup: boolean },
    store: ConfigStore<SubscriptionGroupTableBody>,
    clock: Clock,
  ) {
    this.#autoCreate = settings.autoCreateSubscriptionGroup;
    this.#store = store;
    this.#clock = clock;
    for (const name of SYSTEM_GROUPS) this.#groups.set(name, defaultGroup(name));
    const saved = store.load();
    this.#version = saved?.dataVersion ?? { counter: 0, timestamp: clock.now() };
    for (const group of saved?.subscriptionGroupTable.values() ?? []) {
      this.#groups.set(group.groupName, group);
    }
  }

  /** The group, created with defaults where that is allowed; `undefined` where it is not. */
  getOrCreate(groupName: string): SubscriptionGroupConfig | undefined {
    const known = this.#groups.get(groupName);
    if (known !== undefined) return known;
    if (!this.#autoCreate && !groupName.startsWith(SYSTEM_GROUP_PREFIX)) return undefined;
    if (groupNameFault(groupName) !== undefined) return undefined;
    const created = defaultGroup(groupName);
    this.put(created);
    return created;
  }

  get(groupName: string): SubscriptionGroupConfig | undefined {
    return this.#groups.get(groupName);
  }

  put(group: SubscriptionGroupConfig): void {
    this.#groups.set(group.groupName, group);
    this.#changed();
  }

  delete(groupName: string): boolean {
    if (!this.#groups.delete(groupName)) return false;
    this.#changed();
    return true;
  }

  table(): SubscriptionGroupTableBody {
    return { dataVersion: this.#version, subscriptionGroupTable: new Map(this.#groups) };
  }

  #changed(): void {
    this.#version = nextVersion(this.#version, this.#clock);
    this.#store.save(this.table());
  }
}
