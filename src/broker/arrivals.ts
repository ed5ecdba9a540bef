import type { ActorRef } from '../actors/index.ts';
import type { ConsumeQueue, MessageStore } from '../storage/index.ts';
import { Queue } from './queue.actor.ts';
import type { QueueDirectory } from './queue-directory.ts';
import type { QueueMessage } from './queue-messages.ts';

const ARRIVED: QueueMessage = { kind: 'arrived' };

/**
 * Wakes waiting pulls once per turn: a burst of messages is answered with one response, not one each.
 */
export class Arrivals {
  readonly #queues: QueueDirectory;
  #hit: ConsumeQueue[] = [];

  constructor(store: MessageStore, queues: QueueDirectory) {
    this.#queues = queues;
    store.onArrival = (queue, _queueOffset, tagsCode) => this.#note(queue, tagsCode);
  }

  /** Answers the pulls that became answerable in this turn. */
  wake(): void {
    // hot path
    while (this.#hit.length > 0) {
      const hit = this.#hit;
      this.#hit = [];
      for (const { topic, queueId } of hit) this.#ref(topic, queueId).tell(ARRIVED);
    }
  }

  #note(queue: ConsumeQueue, tagsCode: number): void {
    // hot path
    const { owner } = queue;
    if (!(owner instanceof Queue) || !owner.noteArrival(tagsCode)) return;
    this.#hit.push(queue);
  }

  #ref(topic: string, queueId: number): ActorRef<QueueMessage> {
    return this.#queues.get(topic, queueId);
  }
}
