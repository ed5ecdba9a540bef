import type {
  BrokerFacts,
  LiveBroker,
  QueueFacts,
  RegisteredTopic,
  Registration,
  RegistrationAnswer,
  TableVersion,
  TopicRoute,
} from './route-model.ts';

/** The id of a master; only masters contribute topics. */
export const MASTER_ID = 0;
/** A broker that has not registered for this long is gone. */
export const BROKER_EXPIRE_MS = 120_000;

/**
 * Which brokers exist and which topics they hold.
 *
 * T1: an address in `live` is an address of a broker, and of one only. T2: a broker name has at least one address, is in
 * exactly one cluster, and no cluster is empty. T3: a topic has queues only on brokers that exist.
 * @source rocketmq 4.9.2 namesrv/routeinfo/RouteInfoManager.java
 */
export class RouteTable {
  readonly #topics = new Map<string, Map<string, QueueFacts>>();
  readonly #brokers = new Map<string, BrokerFacts>();
  readonly #clusters = new Map<string, Set<string>>();
  readonly #live = new Map<string, LiveBroker>();
  readonly #filterServers = new Map<string, readonly string[]>();

  /** Queues by broker name, by topic. */
  get topics(): ReadonlyMap<string, ReadonlyMap<string, QueueFacts>> {
    return this.#topics;
  }

  get brokers(): ReadonlyMap<string, BrokerFacts> {
    return this.#brokers;
  }

  /** Broker names by cluster. */
  get clusters(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#clusters;
  }

  /** Registered addresses. */
  get live(): ReadonlyMap<string, LiveBroker> {
    return this.#live;
  }

  /**
   * Takes a registration at monotonic time `nowMs`. A master's topics are taken when it is new or its table changed;
   * topics it no longer names stay.
   */
  register(registration: Registration, nowMs: number): RegistrationAnswer {
    const { brokerAddr, brokerId, brokerName, clusterName, version, filterServers } = registration;
    this.#dropFromOtherBrokers(brokerAddr, brokerName);
    const broker = this.#brokerOf(brokerName, clusterName);
    for (const [otherId, address] of broker.addresses) {
      if (address === brokerAddr && otherId !== brokerId) broker.addresses.delete(otherId);
    }
    const previous = broker.addresses.get(brokerId);
    if (previous !== undefined && previous !== brokerAddr) this.#forgetAddress(previous);
    broker.addresses.set(brokerId, brokerAddr);
    const isFirst = previous === undefined;
    if (brokerId === MASTER_ID && (isFirst || this.isChanged(brokerAddr, version))) {
      for (const topic of registration.topics) this.#putQueues(brokerName, topic);
    }
    const { haServerAddr, channel } = registration;
    const live = { address: brokerAddr, updatedMs: nowMs, version, haServerAddr, channel };
    this.#live.set(brokerAddr, live);
    if (filterServers?.length === 0) this.#filterServers.delete(brokerAddr);
    else if (filterServers !== undefined) this.#filterServers.set(brokerAddr, filterServers);
    return brokerId === MASTER_ID ? NO_MASTER : this.#masterOf(broker);
  }

  /** Takes back a registration; one that is unknown, or was replaced by another address meanwhile, changes nothing. */
  unregister(brokerName: string, brokerAddr: string, brokerId: number): void {
    const broker = this.#brokers.get(brokerName);
    if (broker?.addresses.get(brokerId) === brokerAddr) this.removeAddress(brokerAddr);
  }

  /** Removes what was registered on a connection that is gone; returns its addresses. */
  removeChannel(channel: object): string[] {
    const addresses = [...this.#live.values()]
      .filter((live) => live.channel === channel)
      .map((live) => live.address);
    for (const address of addresses) this.removeAddress(address);
    return addresses;
  }

  /** Removes one address, and with a broker's last one everything the broker held. */
  removeAddress(address: string): void {
    this.#forgetAddress(address);
    for (const broker of [...this.#brokers.values()]) {
      for (const [brokerId, other] of broker.addresses) {
        if (other === address) broker.addresses.delete(brokerId);
      }
      this.#removeWithoutAddress(broker);
    }
  }

  /** Brokers whose last registration is older than BROKER_EXPIRE_MS at monotonic time `nowMs`. */
  expired(nowMs: number): LiveBroker[] {
    return [...this.#live.values()].filter((live) => nowMs - live.updatedMs > BROKER_EXPIRE_MS);
  }

  /** The table version an address registered, if it did. */
  versionOf(brokerAddr: string): TableVersion | undefined {
    return this.#live.get(brokerAddr)?.version;
  }

  /** Whether a broker with this version has to register its topics. */
  isChanged(brokerAddr: string, version: TableVersion): boolean {
    const known = this.versionOf(brokerAddr);
    return known === undefined || !isSameVersion(known, version);
  }

  /** Counts a sign of life as a registration without changes. */
  touch(brokerAddr: string, nowMs: number): void {
    const live = this.#live.get(brokerAddr);
    if (live !== undefined) this.#live.set(brokerAddr, { ...live, updatedMs: nowMs });
  }

  /** The route of a topic; `undefined` where none of its brokers is known. */
  route(topic: string): TopicRoute | undefined {
    const queues = [...(this.#topics.get(topic)?.values() ?? [])];
    const brokers = queues.flatMap(({ brokerName }) => this.#brokers.get(brokerName) ?? []);
    if (brokers.length === 0) return undefined;
    const filterServers = new Map<string, readonly string[]>();
    for (const address of brokers.flatMap((broker) => [...broker.addresses.values()])) {
      const servers = this.#filterServers.get(address);
      if (servers !== undefined) filterServers.set(address, servers);
    }
    return { queues, brokers, filterServers };
  }

  /** Forgets a topic on all brokers, until one registers it again. */
  deleteTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  /** Sets the permission of every topic of a broker, until its next registration with changes; returns how many. */
  changePermission(brokerName: string, change: (perm: number) => number): number {
    let count = 0;
    for (const queuesByBroker of this.#topics.values()) {
      const queues = queuesByBroker.get(brokerName);
      if (queues === undefined) continue;
      queuesByBroker.set(brokerName, { ...queues, perm: change(queues.perm) });
      count += 1;
    }
    return count;
  }

  #brokerOf(brokerName: string, clusterName: string): BrokerFacts {
    const known = this.#brokers.get(brokerName);
    if (known?.cluster === clusterName) return known;
    // T2: a broker that moved to another cluster leaves the old one.
    if (known !== undefined) this.#leaveCluster(known);
    const addresses = known?.addresses ?? new Map<number, string>();
    const broker: BrokerFacts = { brokerName, cluster: clusterName, addresses };
    this.#brokers.set(brokerName, broker);
    const members = this.#clusters.get(clusterName) ?? new Set<string>();
    members.add(brokerName);
    this.#clusters.set(clusterName, members);
    return broker;
  }

  /** T1: an address that comes back under another name has left the old one. */
  #dropFromOtherBrokers(address: string, brokerName: string): void {
    if (!this.#live.has(address)) return;
    for (const broker of [...this.#brokers.values()]) {
      if (broker.brokerName === brokerName) continue;
      for (const [brokerId, other] of broker.addresses) {
        if (other === address) broker.addresses.delete(brokerId);
      }
      this.#removeWithoutAddress(broker);
    }
  }

  #putQueues(brokerName: string, topic: RegisteredTopic): void {
    const { perm, readQueueNums, topicSysFlag, writeQueueNums } = topic;
    let queuesByBroker = this.#topics.get(topic.topicName);
    if (queuesByBroker === undefined) {
      queuesByBroker = new Map();
      this.#topics.set(topic.topicName, queuesByBroker);
    }
    const queues = { brokerName, perm, readQueueNums, topicSysFlag, writeQueueNums };
    queuesByBroker.set(brokerName, queues);
  }

  #masterOf(broker: BrokerFacts): RegistrationAnswer {
    const masterAddr = broker.addresses.get(MASTER_ID);
    const master = masterAddr === undefined ? undefined : this.#live.get(masterAddr);
    return master === undefined ? NO_MASTER : { masterAddr, haServerAddr: master.haServerAddr };
  }

  #forgetAddress(address: string): void {
    this.#live.delete(address);
    this.#filterServers.delete(address);
  }

  #removeWithoutAddress(broker: BrokerFacts): void {
    if (broker.addresses.size > 0) return;
    this.#brokers.delete(broker.brokerName); // T2
    this.#leaveCluster(broker);
    for (const [topic, queuesByBroker] of this.#topics) {
      queuesByBroker.delete(broker.brokerName); // T3
      if (queuesByBroker.size === 0) this.#topics.delete(topic);
    }
  }

  #leaveCluster(broker: BrokerFacts): void {
    const members = this.#clusters.get(broker.cluster);
    members?.delete(broker.brokerName);
    if (members?.size === 0) this.#clusters.delete(broker.cluster);
  }
}

const NO_MASTER: RegistrationAnswer = { masterAddr: undefined, haServerAddr: undefined };

/** Whether two table versions stand for the same topics. */
const isSameVersion = (one: TableVersion, other: TableVersion): boolean =>
  one.counter === other.counter && one.timestamp === other.timestamp;
