import { errorMessage, type Logger, type Scheduler } from '../base/index.ts';
import { SYSTEM_TOPIC } from '../message/index.ts';
import { decodeTopicRouteData, GetRouteInfoByTopic, ResponseCode } from '../protocol/index.ts';
import { type RequestBounds, refusedWith, within } from './call.ts';
import { ClientError } from './errors.ts';
import type { NameServers } from './name-servers.ts';
import { understood } from './remote.ts';
import {
  isSameRoute,
  masterAddress,
  masterAddresses,
  routeFromTemplate,
  type TopicRoute,
} from './topic-route.ts';
import type { MessageQueue } from './types.ts';

/** Longest wait for one name server's answer. */
export const ROUTE_TIMEOUT_MS = 3000;

/** What a route table is made of. */
export interface RoutesOptions {
  readonly names: NameServers;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Queues of a topic that its first message creates. */
  readonly defaultTopicQueueNums: number;
  /** A cached route is new or has changed. */
  readonly onChange: (topic: string) => void;
}

/** Routes of the topics a client uses, asked for once and refreshed by `refresh`. */
export class Routes {
  readonly #options: RoutesOptions;
  readonly #routes = new Map<string, TopicRoute>();
  readonly #underWay = new Map<string, Promise<TopicRoute>>();

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  /** The cached route, if any. */
  known(topic: string): TopicRoute | undefined {
    return this.#routes.get(topic);
  }

  /**
   * The route of a topic that exists.
   * @throws {ClientError} TOPIC_NOT_FOUND, NAMESRV_UNREACHABLE, TIMEOUT, ABORTED
   */
  async existing(topic: string, bounds: RequestBounds): Promise<TopicRoute> {
    const route = this.#routes.get(topic);
    if (route !== undefined && !route.isTemplate) return route;
    return within(this.#options.scheduler, this.#fetch(topic, false), bounds);
  }

  /**
   * The route for sending: where the topic does not exist, the route it will have once it is created.
   * @throws {ClientError} TOPIC_NOT_FOUND, NAMESRV_UNREACHABLE, TIMEOUT, ABORTED
   */
  async forSending(topic: string, bounds: RequestBounds): Promise<TopicRoute> {
    const route = this.#routes.get(topic);
    if (route !== undefined) return route;
    return within(this.#options.scheduler, this.#fetch(topic, true), bounds);
  }

  /**
   * Address of the master that holds a queue.
   * @throws {ClientError} NO_QUEUE while its broker has no master, and what `existing` throws
   */
  async addressOf(queue: MessageQueue, bounds: RequestBounds): Promise<string> {
    const route = await this.existing(queue.topic, bounds);
    const address = masterAddress(route, queue.brokerName);
    if (address !== undefined) return address;
    const text = `broker ${queue.brokerName} has no master for ${queue.topic}`;
    throw new ClientError('NO_QUEUE', text, { ...queue });
  }

  /** Addresses of all masters in the cached routes. */
  brokerAddresses(): Set<string> {
    return new Set([...this.#routes.values()].flatMap(masterAddresses));
  }

  /** Asks for every cached route again; one that cannot be had now stays as it is. */
  async refresh(): Promise<void> {
    const topics = [...this.#routes].map(([topic, { isTemplate }]) =>
      this.#fetch(topic, isTemplate).catch((error: unknown) => {
        this.#options.logger.debug({ topic, error: errorMessage(error) }, 'no fresh route');
      }),
    );
    await Promise.all(topics);
  }

  /** Forgets a route, so that the next use asks for it. */
  forget(topic: string): void {
    this.#routes.delete(topic);
  }

  #fetch(topic: string, isTemplateAllowed: boolean): Promise<TopicRoute> {
    const key = `${isTemplateAllowed} ${topic}`;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const fetching = this.#ask(topic, isTemplateAllowed).finally(() => {
      this.#underWay.delete(key);
    });
    this.#underWay.set(key, fetching);
    return fetching;
  }

  async #ask(topic: string, isTemplateAllowed: boolean): Promise<TopicRoute> {
    const found = await this.#lookUp(topic);
    const template =
      found === undefined && isTemplateAllowed
        ? await this.#lookUp(SYSTEM_TOPIC.AUTO_CREATE_TEMPLATE)
        : undefined;
    const { defaultTopicQueueNums } = this.#options;
    const route = found ?? (template && routeFromTemplate(topic, template, defaultTopicQueueNums));
    if (route === undefined) {
      throw new ClientError('TOPIC_NOT_FOUND', `no broker holds the topic ${topic}`, { topic });
    }
    const before = this.#routes.get(topic);
    this.#routes.set(topic, route);
    if (before === undefined || !isSameRoute(before, route)) this.#options.onChange(topic);
    return route;
  }

  async #lookUp(topic: string): Promise<TopicRoute | undefined> {
    try {
      const bounds = { timeoutMs: ROUTE_TIMEOUT_MS };
      const { body } = await this.#options.names.call(GetRouteInfoByTopic, { topic }, bounds);
      const data = understood('the name server', () => decodeTopicRouteData(body));
      return {
        topic,
        queueDatas: data.queueDatas,
        brokerDatas: data.brokerDatas,
        isTemplate: false,
      };
    } catch (error) {
      if (refusedWith(error) === ResponseCode.TOPIC_NOT_EXIST) return undefined;
      throw error;
    }
  }
}
