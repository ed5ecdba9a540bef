import type { Random } from '../base/index.ts';
import type { MessageQueue } from './types.ts';

/** Topics whose turn is remembered; beyond it the oldest begins anew. */
const TOPICS_MAX = 10_000;

/** Takes a topic's queues in turn, beginning with a random one. */
export class QueuePicker {
  readonly #random: Random;
  readonly #turns = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * The next queue; one of another broker than `avoided` where there is one.
   * @returns `undefined` only for an empty list
   */
  pick(queues: readonly MessageQueue[], avoided?: string): MessageQueue | undefined {
    const [first] = queues;
    if (first === undefined) return undefined;
    const turn = this.#nextTurn(first.topic);
    for (let step = 0; step < queues.length; step++) {
      const queue = queues[(turn + step) % queues.length];
      if (queue !== undefined && queue.brokerName !== avoided) return queue;
    }
    return queues[turn % queues.length];
  }

  #nextTurn(topic: string): number {
    const turn = this.#turns.get(topic) ?? this.#random.below(0x1_0000);
    if (this.#turns.size >= TOPICS_MAX && !this.#turns.has(topic)) {
      const [oldest] = this.#turns.keys();
      if (oldest !== undefined) this.#turns.delete(oldest);
    }
    this.#turns.set(topic, (turn + 1) % Number.MAX_SAFE_INTEGER);
    return turn;
  }
}
