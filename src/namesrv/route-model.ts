/** Version of a broker's topic table: two registrations with equal versions carry the same topics. */
export interface TableVersion {
  readonly counter: number;
  readonly timestamp: number;
}

/** One topic of a registration. */
export interface RegisteredTopic {
  readonly topicName: string;
  readonly perm: number;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  readonly topicSysFlag: number;
}

/** A topic's queues on one broker. */
export interface QueueFacts {
  readonly brokerName: string;
  readonly perm: number;
  readonly readQueueNums: number;
  readonly topicSysFlag: number;
  readonly writeQueueNums: number;
}

/** The addresses of one broker name: 0 is the master, others are its slaves. */
export interface BrokerFacts {
  readonly brokerName: string;
  readonly cluster: string;
  readonly addresses: Map<number, string>;
}

/** What is known of one registered address. */
export interface LiveBroker {
  readonly address: string;
  /** Monotonic time of the last registration. */
  readonly updatedMs: number;
  readonly version: TableVersion;
  readonly haServerAddr: string;
  /** The connection the registration came on. */
  readonly channel: object;
}

/** One registration of a broker. */
export interface Registration {
  readonly clusterName: string;
  readonly brokerName: string;
  readonly brokerAddr: string;
  readonly brokerId: number;
  readonly haServerAddr: string;
  readonly version: TableVersion;
  readonly topics: readonly RegisteredTopic[];
  /** Absent: what was registered before stays. */
  readonly filterServers: readonly string[] | undefined;
  readonly channel: object;
}

/** What a slave learns from its registration: where its master is, if that is alive. */
export interface RegistrationAnswer {
  readonly masterAddr: string | undefined;
  readonly haServerAddr: string | undefined;
}

/** Everything a client needs to reach a topic. */
export interface TopicRoute {
  readonly queues: readonly QueueFacts[];
  readonly brokers: readonly BrokerFacts[];
  readonly filterServers: ReadonlyMap<string, readonly string[]>;
}
