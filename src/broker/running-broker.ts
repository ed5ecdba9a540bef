import { join } from 'node:path';
import type { ActorContext, ActorRef } from '../actors/index.ts';
import type { Disk } from '../base/index.ts';
import { hostBytes } from '../message/index.ts';
import {
  CONSUMER_OFFSETS_FILE,
  SUBSCRIPTION_GROUPS_FILE,
  TOPICS_FILE,
  type TopicConfig,
} from '../protocol/index.ts';
import { type ConfigCodec, ConfigFile, type MessageStore } from '../storage/index.ts';
import type { Peer, RemotingClient } from '../transport/index.ts';
import { Arrivals } from './arrivals.ts';
import type { BrokerActorConfig, BrokerMessage } from './broker.actor.ts';
import type { BrokerParts } from './broker-parts.ts';
import type { ConfigStore } from './config-store.ts';
import { consumerGroupActor } from './consumer-group.actor.ts';
import { ConsumerOffsetTable } from './consumer-offset-table.ts';
import { GroupDirectory } from './group-directory.ts';
import { InternalProducer } from './internal-producer.ts';
import { OffsetMovedEvents } from './offset-moved-events.ts';
import { clientHandlers, leave } from './processors/clients.ts';
import { groupHandlers } from './processors/groups.ts';
import { lockHandlers } from './processors/locks.ts';
import { messageHandlers } from './processors/messages.ts';
import { offsetHandlers } from './processors/offsets.ts';
import { PullProcessor } from './processors/pull.ts';
import { SendProcessor } from './processors/send.ts';
import { topicHandlers } from './processors/topics.ts';
import { ProducerTable } from './producer-table.ts';
import { PullAnswer } from './pull-answer.ts';
import { queueActor } from './queue.actor.ts';
import { QueueDirectory } from './queue-directory.ts';
import { type RegistrarMessage, registrarActor } from './registrar.actor.ts';
import { RequestRouter } from './request-router.ts';
import { SavedConfig } from './saved-config.ts';
import { SendAnswer } from './send-answer.ts';
import { SubscriptionGroupTable } from './subscription-group-table.ts';
import { TopicTable } from './topic-table.ts';

const CONFIG_FOLDER = 'config';

/** What a broker is put together from. */
export interface RunningBrokerOptions {
  readonly store: MessageStore;
  readonly client: RemotingClient;
  readonly disk: Disk;
  readonly config: BrokerActorConfig;
  readonly context: ActorContext<BrokerMessage>;
}

/** A broker's parts, put together: tables, directories of actors, processors, and the router in front of them. */
export class RunningBroker {
  readonly router: RequestRouter;
  readonly #parts: BrokerParts;
  readonly #options: RunningBrokerOptions;
  readonly #answer: SendAnswer;
  readonly #saved: { retry(): void }[] = [];
  #registrar: ActorRef<RegistrarMessage> | undefined;

  constructor(options: RunningBrokerOptions) {
    const { store, config } = options;
    const { settings } = config;
    this.#options = options;
    options.disk.makeFolder(join(store.paths.root, CONFIG_FOLDER));
    const host = hostBytes(config.storeHost ?? settings.brokerIP1);
    store.message.storeHost = host;
    store.message.storePort = settings.listenPort;
    const pullAnswer = new PullAnswer(store);
    this.#parts = this.#createParts(pullAnswer);
    this.#parts.offsets.clamp((topic, queueId) => store.findQueue(topic, queueId)?.maxOffset ?? 0);
    this.#answer = new SendAnswer(store, settings, host);
    const arrivals = new Arrivals(store, this.#parts.queues);
    store.onFlushed = (position) => {
      this.#answer.flushed(position);
      arrivals.wake();
    };
    store.onFailed = () => this.#answer.failed();
    const moved = new OffsetMovedEvents(this.#parts, new InternalProducer(this.#parts, host));
    this.router = new RequestRouter({
      send: new SendProcessor(this.#parts, this.#answer),
      pull: new PullProcessor(this.#parts, pullAnswer, moved),
      cold: [
        ...clientHandlers(this.#parts),
        ...offsetHandlers(this.#parts),
        ...topicHandlers(this.#parts),
        ...groupHandlers(this.#parts),
        ...messageHandlers(this.#parts),
        ...lockHandlers(this.#parts),
      ],
      store,
      arrivals,
      onClose: (peer) => this.#release(peer),
    });
  }

  /** Starts to announce this broker to its name servers. */
  register(): void {
    const { context, config, client } = this.#options;
    const { topics } = this.#parts;
    this.#registrar = context.spawn({
      id: 'registrar',
      actor: registrarActor,
      config: { settings: config.settings, topics, client, namesrvAddr: config.namesrvAddr },
    });
    topics.onCreate = (topic) => this.#announce(topic);
  }

  /** Tells `replyTo` once the first registration is over, whatever came of it. */
  whenRegistered(replyTo: ActorRef<true>): void {
    this.#registrar?.tell({ kind: 'whenSettled', replyTo });
  }

  /** Writes consumer offsets where they changed, and what could not be written before. */
  saveConfig(): void {
    this.#parts.offsets.save();
    for (const store of this.#saved) store.retry();
  }

  scanPulls(): void {
    this.#parts.queues.tellAll({ kind: 'expire' });
  }

  scanClients(): void {
    this.#parts.consumerGroups.tellAll({ kind: 'expire' });
    for (const peer of this.#parts.producers.silent()) peer.close();
  }

  inspect(): object {
    const { store } = this.#options;
    return {
      appended: store.appendedPosition,
      flushed: store.flushedPosition,
      isWritable: store.isWritable,
      sendsWaiting: this.#answer.waiting,
    };
  }

  #announce(topic: TopicConfig, done?: () => void): void {
    const isTold = this.#registrar?.tell({ kind: 'topicChanged', topic, done }) ?? false;
    if (!isTold) done?.(); // The next periodic registration carries it.
  }

  #release(peer: Peer): void {
    this.#parts.producers.forget(peer);
    for (const [group] of this.#parts.consumerGroups.entries()) leave(this.#parts, group, peer);
    this.#parts.queues.tellAll({ kind: 'peerClosed', peer });
  }

  #createParts(answer: PullAnswer): BrokerParts {
    const { store, config, context } = this.#options;
    const { settings } = config;
    const { clock, random, logger } = context;
    const offsets = new ConsumerOffsetTable(
      this.#file('consumerOffset.json', CONSUMER_OFFSETS_FILE),
    );
    const queues = new QueueDirectory(
      (topic, queueId) =>
        context.spawn({
          id: `queue-${topic}-${queueId}`,
          actor: queueActor,
          config: { store, answer, topic, queueId },
        }),
      (ref) => context.stop(ref),
    );
    const consumerGroups = new GroupDirectory(
      (consumerGroup) =>
        context.spawn({
          id: `group-${consumerGroup}`,
          actor: consumerGroupActor,
          config: {
            consumerGroup,
            offsets,
            onLeave: (clientId) => queues.tellAll({ kind: 'clientGone', clientId }),
          },
        }),
      (ref) => context.stop(ref),
    );
    const topics = new TopicTable(settings, this.#file('topics.json', TOPICS_FILE), clock);
    const groupsFile = this.#file('subscriptionGroup.json', SUBSCRIPTION_GROUPS_FILE);
    const groups = new SubscriptionGroupTable(settings, groupsFile, clock);
    const producers = new ProducerTable(clock);
    return {
      settings,
      store,
      topics,
      groups,
      offsets,
      producers,
      queues,
      consumerGroups,
      announce: (topic, done) => this.#announce(topic, done),
      clock,
      random,
      logger,
    };
  }

  #file<T>(name: string, codec: ConfigCodec<T>): ConfigStore<T> {
    const { disk, context, store } = this.#options;
    const path = join(store.paths.root, CONFIG_FOLDER, name);
    const saved = new SavedConfig(
      new ConfigFile(disk, context.logger, path, codec),
      path,
      context.logger,
    );
    this.#saved.push(saved);
    return saved;
  }
}
