import { PERM } from '../message/index.ts';
import {
  type ClusterInfo,
  DeleteTopicInBroker,
  DeleteTopicInNamesrv,
  decodeClusterInfo,
  decodeTopicList,
  GetAllTopicListFromNameserver,
  GetBrokerClusterInfo,
  UpdateAndCreateTopic,
} from '../protocol/index.ts';
import type { RequestBounds } from './call.ts';
import { CALL_TIMEOUT_MS, ClientCore } from './core.ts';
import { ClientError } from './errors.ts';
import type { ClientOptions } from './options.ts';
import { checkTopic } from './outgoing.ts';
import { understood } from './remote.ts';
import { MASTER_ID, type TopicRoute } from './topic-route.ts';
import type { CallOptions } from './types.ts';

/** How a topic is created. */
export interface CreateTopicOptions extends CallOptions {
  /** Queues on each broker (default 8). */
  readonly queueNums?: number;
  /** 4 readable, 2 writable, 6 both (default 6). */
  readonly perm?: number;
  /** Only brokers of this cluster (default: every broker). */
  readonly clusterName?: string;
}

const QUEUE_NUMS = 8;

/** Administration: what the `saturnmq topic` command does, as calls. */
export class Admin {
  readonly #core: ClientCore;

  /** @throws {ClientError} BAD_ARGUMENT */
  constructor(options: ClientOptions) {
    this.#core = new ClientCore(options, {});
  }

  /** Begins; connections are made by the first call. */
  async start(): Promise<void> {
    this.#core.start();
  }

  /** Creates a topic, or changes it, on every master. */
  async createTopic(topic: string, options: CreateTopicOptions = {}): Promise<void> {
    checkTopic(topic);
    const bounds = this.#bounds(options);
    const { queueNums = QUEUE_NUMS, perm = PERM.READ_WRITE, clusterName } = options;
    const header = {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: queueNums,
      writeQueueNums: queueNums,
      perm,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    } as const;
    const create = (address: string): Promise<unknown> =>
      this.#core.remote.call(UpdateAndCreateTopic, address, header, bounds);
    await Promise.all((await this.#masters(clusterName, bounds)).map(create));
    this.#core.routes.forget(topic);
  }

  /** Deletes a topic and its messages on every master, then on every name server. */
  async deleteTopic(topic: string, options: CallOptions = {}): Promise<void> {
    checkTopic(topic);
    const bounds = this.#bounds(options);
    const { remote, names } = this.#core;
    const masters = await this.#masters(undefined, bounds);
    await Promise.all(
      masters.map((address) => remote.call(DeleteTopicInBroker, address, { topic }, bounds)),
    );
    await Promise.all(
      names.addresses.map((address) =>
        remote.call(DeleteTopicInNamesrv, address, { topic }, bounds),
      ),
    );
    this.#core.routes.forget(topic);
  }

  /** Names of all topics, sorted. */
  async topicList(options: CallOptions = {}): Promise<string[]> {
    const bounds = this.#bounds(options);
    const { body } = await this.#core.names.call(GetAllTopicListFromNameserver, {}, bounds);
    return [...understood('the name server', () => decodeTopicList(body)).topicList].sort();
  }

  /**
   * Where a topic's queues are.
   * @throws {ClientError} TOPIC_NOT_FOUND
   */
  async topicRoute(topic: string, options: CallOptions = {}): Promise<TopicRoute> {
    const bounds = this.#bounds(options);
    this.#core.routes.forget(topic);
    return this.#core.routes.existing(topic, bounds);
  }

  /** Clusters, their brokers and their addresses. */
  async clusterInfo(options: CallOptions = {}): Promise<ClusterInfo> {
    const { body } = await this.#core.names.call(GetBrokerClusterInfo, {}, this.#bounds(options));
    return understood('the name server', () => decodeClusterInfo(body));
  }

  /** Closes connections. */
  async close(): Promise<void> {
    this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #masters(clusterName: string | undefined, bounds: RequestBounds): Promise<string[]> {
    const { brokerAddrTable } = await this.clusterInfo(bounds);
    const masters = [...brokerAddrTable.values()]
      .filter(({ cluster }) => clusterName === undefined || cluster === clusterName)
      .flatMap(({ brokerAddrs }) => brokerAddrs.get(MASTER_ID) ?? []);
    if (masters.length > 0) return masters;
    const where = clusterName === undefined ? 'any cluster' : `cluster ${clusterName}`;
    throw new ClientError('NO_QUEUE', `no broker is registered in ${where}`);
  }

  #bounds({ timeoutMs, signal }: CallOptions): RequestBounds {
    this.#core.requireStarted();
    return { timeoutMs: timeoutMs ?? CALL_TIMEOUT_MS, signal };
  }
}
