import type { ActorRef } from '../actors/index.ts';
import type { QueueMessage } from './queue-messages.ts';

/** The queue actors of this broker, each started when its queue is first used. */
export class QueueDirectory {
  readonly #topics = new Map<string, (ActorRef<QueueMessage> | undefined)[]>();
  readonly #spawn: (topic: string, queueId: number) => ActorRef<QueueMessage>;
  readonly #stop: (ref: ActorRef<QueueMessage>) => void;

  constructor(
    spawn: (topic: string, queueId: number) => ActorRef<QueueMessage>,
    stop: (ref: ActorRef<QueueMessage>) => void,
  ) {
    this.#spawn = spawn;
    this.#stop = stop;
  }

  /** The queue's actor. Callers have checked `queueId` against the topic's configuration. */
  get(topic: string, queueId: number): ActorRef<QueueMessage> {
    // hot path
    return this.#topics.get(topic)?.[queueId] ?? this.#start(topic, queueId);
  }

  /** Tells every started queue. */
  tellAll(message: QueueMessage): void {
    for (const queues of this.#topics.values()) for (const ref of queues) ref?.tell(message);
  }

  /** Stops the queues of a deleted topic. */
  delete(topic: string): void {
    for (const ref of this.#topics.get(topic) ?? []) if (ref !== undefined) this.#stop(ref);
    this.#topics.delete(topic);
  }

  #start(topic: string, queueId: number): ActorRef<QueueMessage> {
    const ref = this.#spawn(topic, queueId);
    const queues = this.#topics.get(topic) ?? [];
    queues[queueId] = ref;
    this.#topics.set(topic, queues);
    return ref;
  }
}
