import type { Clock } from '../base/index.ts';
import {
  isSystemTopic,
  PERM,
  replyTopic,
  SYSTEM_TOPIC,
  TOPIC_SYS_FLAG,
  topicNameFault,
} from '../message/index.ts';
import type { TopicConfig, TopicConfigTable } from '../protocol/index.ts';
import type { ConfigStore } from './config-store.ts';
import { type DataVersion, nextVersion } from './data-version.ts';

/** What the topics of a broker depend on in its configuration. */
export interface TopicSettings {
  readonly brokerClusterName: string;
  readonly brokerName: string;
  readonly autoCreateTopicEnable: boolean;
  readonly clusterTopicEnable: boolean;
  readonly brokerTopicEnable: boolean;
  readonly traceTopicEnable: boolean;
  readonly msgTraceTopicName: string;
  readonly defaultTopicQueueNums: number;
}

/** Why a topic was created without an administrator: what the sender asked for. */
export interface AutoCreation {
  readonly topic: string;
  readonly defaultTopic: string;
  readonly defaultTopicQueueNums: number;
  readonly isUnitMode: boolean;
}

const QUEUES_OF_SCHEDULE_TOPIC = 18;
const QUEUES_OF_BENCHMARK_TOPIC = 1024;
const QUEUES_OF_CLUSTER_TOPIC = 16;

const plainTopic = (topicName: string, queues: number, perm: number): TopicConfig => ({
  order: false,
  perm,
  readQueueNums: queues,
  topicFilterType: 'SINGLE_TAG',
  topicName,
  topicSysFlag: 0,
  writeQueueNums: queues,
});

const systemTopics = (settings: TopicSettings): TopicConfig[] => {
  const open = PERM.READ | PERM.WRITE;
  const inheritAnd = (isOpen: boolean): number => PERM.INHERIT | (isOpen ? open : 0);
  const topics = [
    plainTopic(SYSTEM_TOPIC.SELF_TEST, 1, open),
    plainTopic(SYSTEM_TOPIC.BENCHMARK, QUEUES_OF_BENCHMARK_TOPIC, open),
    plainTopic(
      settings.brokerClusterName,
      QUEUES_OF_CLUSTER_TOPIC,
      inheritAnd(settings.clusterTopicEnable),
    ),
    plainTopic(settings.brokerName, 1, inheritAnd(settings.brokerTopicEnable)),
    plainTopic(SYSTEM_TOPIC.OFFSET_MOVED_EVENT, 1, open),
    plainTopic(SYSTEM_TOPIC.SCHEDULE, QUEUES_OF_SCHEDULE_TOPIC, open),
    plainTopic(replyTopic(settings.brokerClusterName), 1, open),
  ];
  if (settings.autoCreateTopicEnable) {
    topics.push(
      plainTopic(
        SYSTEM_TOPIC.AUTO_CREATE_TEMPLATE,
        settings.defaultTopicQueueNums,
        inheritAnd(true),
      ),
    );
  }
  if (settings.traceTopicEnable) topics.push(plainTopic(settings.msgTraceTopicName, 1, open));
  return topics;
};

/**
 * The broker's topics: what exists, with how many queues and which permission. Every change gets a new data version, is
 * saved; name servers are told.
 * @source rocketmq 4.9.2 broker/topic/TopicConfigManager.java
 */
export class TopicTable {
  readonly #topics = new Map<string, TopicConfig>();
  readonly #systemNames = new Set<string>();
  readonly #settings: TopicSettings;
  readonly #store: ConfigStore<TopicConfigTable>;
  readonly #clock: Clock;
  #version: DataVersion;
  /** Called after a topic was created without being asked for by an administrator. */
  onCreate: (topic: TopicConfig) => void = () => undefined;

  constructor(settings: TopicSettings, store: ConfigStore<TopicConfigTable>, clock: Clock) {
    this.#settings = settings;
    this.#store = store;
    this.#clock = clock;
    const saved = store.load();
    this.#version = saved?.dataVersion ?? { counter: 0, timestamp: clock.now() };
    for (const topic of saved?.topicConfigTable.values() ?? []) {
      // RocketMQ saves retry topics of groups whose names no topic may have; a topic's name becomes a folder's.
      if (topicNameFault(topic.topicName) !== undefined) continue;
      this.#topics.set(topic.topicName, topic);
    }
    for (const topic of systemTopics(settings)) {
      this.#systemNames.add(topic.topicName);
      this.#topics.set(topic.topicName, topic);
    }
  }

  get version(): DataVersion {
    return this.#version;
  }

  get(topic: string): TopicConfig | undefined {
    return this.#topics.get(topic);
  }

  all(): IterableIterator<TopicConfig> {
    return this.#topics.values();
  }

  /** True for names administrators may not create, change or delete. */
  isSystem(topic: string): boolean {
    return this.#systemNames.has(topic) || isSystemTopic(topic);
  }

  table(): TopicConfigTable {
    return { dataVersion: this.#version, topicConfigTable: new Map(this.#topics) };
  }

  /** Creates or replaces a topic as given. Who calls it announces it. */
  put(topic: TopicConfig): void {
    this.#topics.set(topic.topicName, topic);
    this.#changed();
  }

  /** Forgets a topic; false where it was unknown. */
  delete(topic: string): boolean {
    if (!this.#topics.delete(topic)) return false;
    this.#changed();
    return true;
  }

  /**
   * The topic a sender named, created from its template topic where that is allowed; `undefined` where it is not.
   * @source rocketmq 4.9.2 broker/topic/TopicConfigManager.java createTopicInSendMessageMethod
   */
  getOrCreate(asked: AutoCreation): TopicConfig | undefined {
    const known = this.#topics.get(asked.topic);
    if (known !== undefined) return known;
    const template = this.#topics.get(asked.defaultTopic);
    if (template === undefined) return undefined;
    const isClosed =
      asked.defaultTopic === SYSTEM_TOPIC.AUTO_CREATE_TEMPLATE &&
      !this.#settings.autoCreateTopicEnable;
    if (isClosed || (template.perm & PERM.INHERIT) === 0) return undefined;
    const queues = Math.max(0, Math.min(asked.defaultTopicQueueNums, template.writeQueueNums));
    const created: TopicConfig = {
      order: false,
      perm: template.perm & ~PERM.INHERIT,
      readQueueNums: queues,
      topicFilterType: template.topicFilterType,
      topicName: asked.topic,
      topicSysFlag: asked.isUnitMode ? TOPIC_SYS_FLAG.UNIT : 0,
      writeQueueNums: queues,
    };
    this.put(created);
    this.onCreate(created);
    return created;
  }

  /** The topic, created with `queues` readable and writable queues where it is missing (retry topics). */
  getOrCreatePlain(topic: string, queues: number): TopicConfig {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const created = plainTopic(topic, queues, PERM.READ | PERM.WRITE);
    this.put(created);
    this.onCreate(created);
    return created;
  }

  /** Applies the name servers' list of ordered topics; a change of the flag is a change of the topic. */
  applyOrder(orderedTopics: ReadonlySet<string>): void {
    for (const topic of this.#topics.values()) {
      const order = orderedTopics.has(topic.topicName);
      if (topic.order === order) continue;
      this.#topics.set(topic.topicName, { ...topic, order });
      this.#changed();
    }
  }

  #changed(): void {
    this.#version = nextVersion(this.#version, this.#clock);
    this.#store.save(this.table());
  }
}
