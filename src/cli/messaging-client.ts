/** What the commands need of the client library. */
export interface MessagingClient {
  send(message: MessageToSend): Promise<SentMessage>;
  /** Calls `onMessage` for one message at a time until `stop`; one for which it returns false stays with the group. */
  consume(
    subscription: Subscription,
    onMessage: (message: ReceivedMessage) => boolean,
  ): Promise<{ stop(): Promise<void> }>;
  createTopic(topic: TopicToCreate): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  listTopics(): Promise<string[]>;
  topicStatus(name: string): Promise<QueueStatus[]>;
  close(): Promise<void>;
}

/** A message as the command line describes it. */
export interface MessageToSend {
  readonly topic: string;
  readonly body: Buffer;
  readonly tags?: string;
  readonly keys?: string;
}

/** Where a message was stored. */
export interface SentMessage {
  readonly sendStatus: string;
  readonly msgId: string;
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffset: number;
}

/** What to consume, and from where a group that is new begins. */
export interface Subscription {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly subExpression: string;
  readonly isFromFirst: boolean;
}

/** A message as the command line prints it. */
export interface ReceivedMessage {
  readonly msgId: string;
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly body: Buffer;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
}

/** A topic on every broker of the cluster. */
export interface TopicToCreate {
  readonly name: string;
  readonly queues: number;
  readonly perm: number;
}

/** Which messages a queue holds: `[queueOffsetMin, queueOffsetMax)`. */
export interface QueueStatus {
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffsetMin: number;
  readonly queueOffsetMax: number;
}
