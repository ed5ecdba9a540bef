import { ClientCore } from './core.ts';
import type { ClientOptions } from './options.ts';
import { masterAddress, readableQueues, type TopicRoute, writableQueues } from './topic-route.ts';
import type { MessageQueue } from './types.ts';

/** A queue and the broker that holds it. */
export interface LocatedQueue extends MessageQueue {
  /** `host:port` of the master. */
  readonly address: string;
}

const LOOKUP_TIMEOUT_MS = 5000;

const locate = (route: TopicRoute, queues: readonly MessageQueue[]): LocatedQueue[] =>
  queues.flatMap((queue) => {
    const address = masterAddress(route, queue.brokerName);
    return address === undefined ? [] : [{ ...queue, address }];
  });

/**
 * The queues of a topic with their brokers' addresses, for programs that speak to brokers themselves.
 * @param purpose `send`: writable queues; where the topic does not exist, those its first message will create
 * @throws {ClientError} TOPIC_NOT_FOUND, NAMESRV_UNREACHABLE, REFUSED, TIMEOUT, BAD_ARGUMENT
 */
export const locateQueues = async (
  options: ClientOptions,
  topic: string,
  purpose: 'send' | 'pull',
): Promise<LocatedQueue[]> => {
  const core = new ClientCore(options, {});
  try {
    core.start();
    const bounds = { timeoutMs: LOOKUP_TIMEOUT_MS };
    if (purpose === 'pull') {
      const route = await core.routes.existing(topic, bounds);
      return locate(route, readableQueues(route));
    }
    const route = await core.routes.forSending(topic, bounds);
    return locate(route, writableQueues(route));
  } finally {
    core.close();
  }
};
