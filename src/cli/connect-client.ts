import { Admin, Producer, PullConsumer, PushConsumer } from '../client/index.ts';
import { parseNamesrvAddresses } from '../node/index.ts';
import type {
  MessageToSend,
  MessagingClient,
  QueueStatus,
  ReceivedMessage,
  SentMessage,
  Subscription,
  TopicToCreate,
} from './messaging-client.ts';

/** The group whose name the command line uses where none matters. */
const GROUP = 'saturnmq-cli';

interface Part {
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The client library as the commands use it: a part of it is started by the first call that needs it. */
class LibraryClient implements MessagingClient {
  readonly #namesrvAddr: string;
  readonly #parts: Part[] = [];
  #producer: Promise<Producer> | undefined;

  constructor(namesrvAddr: string) {
    this.#namesrvAddr = namesrvAddr;
  }

  async send(message: MessageToSend): Promise<SentMessage> {
    this.#producer ??= this.#started(
      new Producer({ namesrvAddr: this.#namesrvAddr, producerGroup: GROUP }),
    );
    const result = await (await this.#producer).send(message);
    return { ...result, ...result.messageQueue };
  }

  async consume(
    { topic, consumerGroup, subExpression, isFromFirst }: Subscription,
    onMessage: (message: ReceivedMessage) => boolean,
  ): Promise<{ stop(): Promise<void> }> {
    const consumer = new PushConsumer({
      namesrvAddr: this.#namesrvAddr,
      consumerGroup,
      consumeFromWhere: isFromFirst ? 'CONSUME_FROM_FIRST_OFFSET' : 'CONSUME_FROM_LAST_OFFSET',
      handlersMax: 1,
    });
    consumer.subscribe(topic, subExpression, async (message, { signal }) => {
      if (!onMessage(message)) await leave(signal);
    });
    await this.#started(consumer);
    return { stop: () => consumer.close() };
  }

  async createTopic({ name, queues, perm }: TopicToCreate): Promise<void> {
    const admin = await this.#admin();
    await admin.createTopic(name, { queueNums: queues, perm });
  }

  async deleteTopic(name: string): Promise<void> {
    await (await this.#admin()).deleteTopic(name);
  }

  async listTopics(): Promise<string[]> {
    return (await this.#admin()).topicList();
  }

  async topicStatus(name: string): Promise<QueueStatus[]> {
    const options = { namesrvAddr: this.#namesrvAddr, consumerGroup: GROUP };
    const consumer = await this.#started(new PullConsumer(options));
    const queues = await consumer.fetchMessageQueues(name);
    return Promise.all(
      queues.map(async (queue) => ({
        ...queue,
        queueOffsetMin: await consumer.minOffset(queue),
        queueOffsetMax: await consumer.maxOffset(queue),
      })),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.close()));
  }

  #admin(): Promise<Admin> {
    return this.#started(new Admin({ namesrvAddr: this.#namesrvAddr }));
  }

  async #started<P extends Part>(part: P): Promise<P> {
    this.#parts.push(part);
    await part.start();
    return part;
  }
}

/** Holds a message without handling it until its queue is given back, so that the group gets it again. */
const leave = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const giveBack = (): void => reject(new Error('the command has all the messages it wanted'));
    if (signal.aborted) giveBack();
    else signal.addEventListener('abort', giveBack, { once: true });
  });

/**
 * A client of the brokers behind name servers; connections are made by its first call.
 * @throws {NodeError} NAMESRV_ADDRESS_INVALID
 */
export const connectClient = async (namesrvAddr: string): Promise<MessagingClient> =>
  new LibraryClient(parseNamesrvAddresses(namesrvAddr).join(';'));
