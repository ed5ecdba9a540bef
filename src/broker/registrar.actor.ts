import { type ActorRef, defineActor } from '../actors/index.ts';
import type { Clock, Logger, Timer } from '../base/index.ts';
import { isReadable, isWritable } from '../message/index.ts';
import {
  decodeKvTable,
  encodeHeader,
  encodeRegisterBrokerBody,
  RegisterBroker,
  type RemotingCommand,
  ResponseCode,
  requestOf,
  type TopicConfig,
  UnregisterBroker,
} from '../protocol/index.ts';
import type { RemotingClient } from '../transport/index.ts';
import type { BrokerSettings } from './broker-settings.ts';
import type { TopicTable } from './topic-table.ts';

/** What the registrar is given. */
export interface RegistrarConfig {
  readonly settings: BrokerSettings;
  readonly topics: TopicTable;
  readonly client: RemotingClient;
  /** `host:port` of every name server. */
  readonly namesrvAddr: readonly string[];
}

export type RegistrarMessage =
  /** Register everything, now and from now on periodically. */
  | { readonly kind: 'register' }
  /** A topic was created or changed. */
  | {
      readonly kind: 'topicChanged';
      readonly topic: TopicConfig;
      /** Called when every name server has answered or failed to. */
      readonly done: (() => void) | undefined;
    }
  /** Tells `replyTo` once the first registration was answered, or failed, everywhere. */
  | { readonly kind: 'whenSettled'; readonly replyTo: ActorRef<true> }
  /** The first registration is over. */
  | { readonly kind: 'settled' }
  /** A name server answered. */
  | {
      readonly kind: 'answered';
      readonly address: string;
      readonly orderedTopics: ReadonlySet<string> | undefined;
      readonly problem: string | undefined;
    };

const PERIOD_MS_MIN = 10_000;
const PERIOD_MS_MAX = 60_000;
/** After a failed registration the next try comes sooner than the period. */
const RETRY_MS = 3_000;

/**
 * Keeps this broker registered with its name servers: at start, periodically, and whenever a topic changes.
 * @source rocketmq 4.9.2 broker/BrokerController.java registerBrokerAll
 */
class Registrar {
  readonly #config: RegistrarConfig;
  readonly #logger: Logger;
  readonly #clock: Clock;
  /** Name servers whose last answer was a problem: said once, until it changes. */
  readonly #problems = new Map<string, string>();
  #timer: Timer | undefined;
  readonly #setTimer: (delayMs: number) => Timer;
  readonly #tell: (message: RegistrarMessage) => void;
  #registeredMs = 0;
  #isSettled = false;
  #waiting: ActorRef<true>[] = [];

  constructor(
    config: RegistrarConfig,
    clock: Clock,
    logger: Logger,
    tell: (message: RegistrarMessage) => void,
    setTimer: (delayMs: number) => Timer,
  ) {
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
    this.#tell = tell;
    this.#setTimer = setTimer;
  }

  receive(message: RegistrarMessage): void {
    switch (message.kind) {
      case 'register':
        this.#registerAll();
        return;
      case 'topicChanged':
        this.#register([message.topic], message.done);
        return;
      case 'whenSettled':
        this.#waiting.push(message.replyTo);
        if (this.#isSettled) this.#answerWaiting();
        return;
      case 'settled':
        this.#isSettled = true;
        this.#answerWaiting();
        return;
      case 'answered':
        this.#answered(message.address, message.orderedTopics, message.problem);
        return;
    }
  }

  /** Says good-bye; the answers are not waited for. */
  stop(): void {
    this.#timer?.cancel();
    const { settings, client, namesrvAddr } = this.#config;
    const header = {
      brokerName: settings.brokerName,
      brokerAddr: brokerAddress(settings),
      clusterName: settings.brokerClusterName,
      brokerId: settings.brokerId,
    };
    const command = requestOf(UnregisterBroker.code, {
      extFields: encodeHeader(UnregisterBroker.request, header),
    });
    for (const address of namesrvAddr) {
      client.request(address, command, settings.registerBrokerTimeoutMills, () => undefined);
    }
  }

  inspect(): object {
    return {
      nameServers: this.#config.namesrvAddr.length,
      failing: [...this.#problems.keys()],
      registeredMsAgo: Math.round(this.#clock.monotonicMs() - this.#registeredMs),
    };
  }

  #answerWaiting(): void {
    for (const replyTo of this.#waiting) replyTo.tell(true);
    this.#waiting = [];
  }

  #registerAll(): void {
    this.#register([...this.#config.topics.all()], () => {
      if (!this.#isSettled) this.#tell({ kind: 'settled' });
    });
    const periodMs = this.#config.settings.registerNameServerPeriod;
    this.#arm(Math.min(Math.max(periodMs, PERIOD_MS_MIN), PERIOD_MS_MAX));
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#setTimer(delayMs);
  }

  #register(topics: readonly TopicConfig[], done?: () => void): void {
    const { settings, client, namesrvAddr } = this.#config;
    const { body, bodyCrc32 } = encodeRegisterBrokerBody(
      {
        filterServerList: [],
        topicConfigSerializeWrapper: {
          dataVersion: this.#config.topics.version,
          topicConfigTable: new Map(
            topics.map((topic) => [topic.topicName, this.#announced(topic)]),
          ),
        },
      },
      settings.compressedRegister,
    );
    const header = {
      brokerName: settings.brokerName,
      brokerAddr: brokerAddress(settings),
      clusterName: settings.brokerClusterName,
      haServerAddr: `${settings.brokerIP1}:${settings.listenPort + 1}`,
      brokerId: settings.brokerId,
      compressed: settings.compressedRegister,
      bodyCrc32,
    };
    const command = requestOf(RegisterBroker.code, {
      extFields: encodeHeader(RegisterBroker.request, header),
      body,
    });
    let left = namesrvAddr.length;
    if (left === 0) done?.();
    for (const address of namesrvAddr) {
      this.#send(client, address, command, () => {
        left -= 1;
        if (left === 0) done?.();
      });
    }
  }

  #send(
    client: RemotingClient,
    address: string,
    command: RemotingCommand,
    settled: () => void,
  ): void {
    client.request(
      address,
      command,
      this.#config.settings.registerBrokerTimeoutMills,
      (error, response) => {
        const isOk = response?.code === ResponseCode.SUCCESS;
        const problem = isOk
          ? undefined
          : (error?.message ?? response?.remark ?? `response code ${response?.code}`);
        const orderedTopics = isOk ? readOrderedTopics(response.body) : undefined;
        this.#tell({ kind: 'answered', address, orderedTopics, problem });
        settled();
      },
    );
    // Whoever is told next that a message made this topic may ask for its route at once.
    client.flush(address);
  }

  #answered(
    address: string,
    orderedTopics: ReadonlySet<string> | undefined,
    problem: string | undefined,
  ): void {
    if (problem === undefined) {
      if (this.#problems.delete(address)) {
        this.#logger.info({ nameServer: address }, 'registered with the name server again');
      }
      this.#registeredMs = this.#clock.monotonicMs();
      if (orderedTopics !== undefined) this.#config.topics.applyOrder(orderedTopics);
      return;
    }
    if (this.#problems.get(address) !== problem) {
      this.#logger.warn({ nameServer: address, problem }, 'cannot register with the name server');
    }
    this.#problems.set(address, problem);
    this.#arm(RETRY_MS);
  }

  /** A broker that lacks a permission announces it for all its topics. */
  #announced(topic: TopicConfig): TopicConfig {
    const { brokerPermission } = this.#config.settings;
    const isOpen = isReadable(brokerPermission) && isWritable(brokerPermission);
    return isOpen ? topic : { ...topic, perm: brokerPermission };
  }
}

/** Where clients reach this broker. */
export const brokerAddress = (settings: BrokerSettings): string =>
  `${settings.brokerIP1}:${settings.listenPort}`;

const readOrderedTopics = (body: Buffer | undefined): ReadonlySet<string> | undefined => {
  if (body === undefined) return undefined;
  try {
    return new Set(decodeKvTable(body).table.keys());
  } catch {
    return undefined; // Not a table: order flags stay as they are.
  }
};

/** Owns the registration of one broker. */
export const registrarActor = defineActor<RegistrarConfig, RegistrarMessage>({
  name: 'registrar',
  start(config, context) {
    const registrar = new Registrar(
      config,
      context.clock,
      context.logger,
      (message) => {
        if (!context.isEnded) context.self.tell(message);
      },
      (delayMs) => context.setTimer(delayMs, { kind: 'register' }),
    );
    context.self.tell({ kind: 'register' });
    return {
      receive: (message) => registrar.receive(message),
      stop: () => registrar.stop(),
      inspect: () => registrar.inspect(),
    };
  },
});
