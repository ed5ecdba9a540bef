import type { Random } from '../base/index.ts';
import { masterAddress, type TopicRoute, writableQueues } from './topic-route.ts';
import type { MessageQueue } from './types.ts';

/** Topics whose turn is remembered; beyond it the oldest begins anew. */
const TOPICS_MAX = 10_000;

/** A queue and the master that takes its messages. */
export interface ChosenQueue {
  readonly queue: MessageQueue;
  readonly address: string;
}

/** The writable queues of one route, and whose turn it is: a route is asked by every send and changes rarely. */
export class PublishRoute {
  readonly route: TopicRoute;
  /** In order, see `compareQueues`. */
  readonly queues: readonly MessageQueue[];
  readonly #chosen: readonly ChosenQueue[];
  #turn: number;

  constructor(route: TopicRoute, turn: number) {
    this.route = route;
    this.queues = writableQueues(route);
    this.#chosen = this.queues.map((queue) => ({
      queue,
      address: masterAddress(route, queue.brokerName) ?? '',
    }));
    this.#turn = this.queues.length === 0 ? 0 : turn % this.queues.length;
  }

  /** Whose turn it is. */
  get turn(): number {
    return this.#turn;
  }

  /**
   * The next queue; one of another broker than `avoided` where there is one.
   * @returns `undefined` only where there is no queue
   */
  next(avoided?: string): ChosenQueue | undefined {
    // hot path
    const chosen = this.#chosen;
    const first = chosen[this.#turn];
    this.#turn = this.#turn + 1 < chosen.length ? this.#turn + 1 : 0;
    if (avoided === undefined || first?.queue.brokerName !== avoided) return first;
    for (let step = 0; step < chosen.length; step++) {
      const other = chosen[(this.#turn + step) % chosen.length];
      if (other?.queue.brokerName !== avoided) return other;
    }
    return first;
  }

  /** A queue the caller names, where its broker has a master. */
  at(queue: MessageQueue): ChosenQueue | undefined {
    const address = masterAddress(this.route, queue.brokerName);
    return address === undefined ? undefined : { queue, address };
  }
}

/** The publish routes of a producer's topics. Turns begin with a random queue, and go on when a route changes. */
export class PublishRoutes {
  readonly #random: Random;
  readonly #topics = new Map<string, PublishRoute>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** The publish route of a topic's present route. */
  of(route: TopicRoute): PublishRoute {
    // hot path
    const known = this.#topics.get(route.topic);
    return known?.route === route ? known : this.#make(route, known?.turn);
  }

  #make(route: TopicRoute, turn: number | undefined): PublishRoute {
    const made = new PublishRoute(route, turn ?? this.#random.below(0x1_0000));
    if (this.#topics.size >= TOPICS_MAX && !this.#topics.has(route.topic)) {
      const [oldest] = this.#topics.keys();
      if (oldest !== undefined) this.#topics.delete(oldest);
    }
    this.#topics.set(route.topic, made);
    return made;
  }
}
