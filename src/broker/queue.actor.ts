import { defineActor } from '../actors/index.ts';
import { type Clock, unreachable } from '../base/index.ts';
import { ResponseCode } from '../protocol/index.ts';
import type { ConsumeQueue, MessageStore } from '../storage/index.ts';
import type { Peer } from '../transport/index.ts';
import { PULLS_POSTPONED_MAX, PULLS_WAITING_MAX } from './broker-limits.ts';
import { PULL_COLD, type PullAnswer } from './pull-answer.ts';
import type { PullWork } from './pull-work.ts';
import { QueueLease } from './queue-lease.ts';
import type { LockWork, QueueMessage } from './queue-messages.ts';

/** What a queue actor is given: its place in the store and the shared answer writer of its shard. */
export interface QueueActorConfig {
  readonly store: MessageStore;
  readonly answer: PullAnswer;
  readonly topic: string;
  readonly queueId: number;
}

const FETCHED: QueueMessage = { kind: 'fetched' };

/**
 * One topic queue: appends, reads, the pulls that wait for its messages, and the lease of ordered consumption.
 *
 * Q1: a waiting pull is answered exactly once, or dropped with its connection.
 * Q2: `consumeQueue.hasWaiters` is true exactly while a pull waits.
 * Q3: a pull of messages that have left main memory is postponed while helpers fetch them, and run again afterwards.
 */
export class Queue {
  readonly #config: QueueActorConfig;
  readonly #clock: Clock;
  readonly #queue: ConsumeQueue;
  readonly #lease = new QueueLease();
  readonly #tell: (message: QueueMessage) => void;
  #waiting: PullWork[] = [];
  #postponed: PullWork[] = [];
  #isWakePending = false;

  constructor(config: QueueActorConfig, clock: Clock, tell: (message: QueueMessage) => void) {
    this.#tell = tell;
    this.#config = config;
    this.#clock = clock;
    this.#queue = config.store.queue(config.topic, config.queueId);
    this.#queue.owner = this;
    this.#queue.hasWaiters = false; // Q2: a predecessor's pulls died with it; their clients time out and ask again.
  }

  receive(message: QueueMessage): void {
    // hot path
    switch (message.kind) {
      case 'send': {
        const { store } = this.#config;
        store.message.queue = this.#queue;
        message.status = store.append(store.message);
        return;
      }
      case 'sendBatch': {
        const { store } = this.#config;
        store.message.queue = this.#queue;
        message.status = store.appendBatch(store.message);
        return;
      }
      case 'pull':
        this.#pull(message);
        return;
      case 'lock':
        this.#lock(message);
        return;
      case 'arrived':
        this.#isWakePending = false;
        this.#answer((pull) => pull.isHit);
        return;
      case 'fetched':
        this.#resume();
        return;
      case 'expire': {
        const nowMs = this.#clock.monotonicMs();
        this.#answer((pull) => pull.waitUntilMs <= nowMs);
        this.#resume();
        return;
      }
      case 'peerClosed':
        this.#keep(this.#waiting.filter((pull) => pull.peer !== message.peer));
        this.#postponed = this.#postponed.filter((pull) => pull.peer !== message.peer);
        return;
      case 'clientGone':
        this.#lease.releaseAll(message.clientId);
        return;
      default:
        unreachable(message);
    }
  }

  stop(): void {
    this.#keep([]);
    this.#postponed = [];
    this.#queue.owner = undefined;
  }

  /**
   * Notes which waiting pulls a new record answers. Called by the store.
   * @returns true where `arrived` should be told at the end of the turn, once per turn.
   */
  noteArrival(tagsCode: number): boolean {
    let isHit = false;
    for (const pull of this.#waiting) {
      pull.isHit ||= pull.filter === undefined || pull.filter.matches(tagsCode);
      isHit ||= pull.isHit;
    }
    if (!isHit || this.#isWakePending) return false;
    this.#isWakePending = true;
    return true;
  }

  inspect(): object {
    return {
      minOffset: this.#queue.minOffset,
      maxOffset: this.#queue.maxOffset,
      waiting: this.#waiting.length,
      postponed: this.#postponed.length,
    };
  }

  #pull(work: PullWork): void {
    // hot path
    if (work.peer === undefined) return;
    if (this.#waiting.length >= PULLS_WAITING_MAX) work.waitUntilMs = 0;
    const code = this.#config.answer.execute(this.#queue, work, work.peer);
    if (code === PULL_COLD) this.#postpone(work, work.peer);
    if (code !== ResponseCode.PULL_NOT_FOUND || work.waitUntilMs === 0) return;
    this.#waiting.push(work.clone());
    this.#queue.hasWaiters = true; // Q2
  }

  #postpone(work: PullWork, peer: Peer): void {
    const { store, answer } = this.#config;
    if (this.#postponed.length >= PULLS_POSTPONED_MAX) {
      answer.execute(this.#queue, work, peer, false);
      return;
    }
    const pull = work.clone();
    const resume = (): void => {
      pull.isHit = true;
      this.#tell(FETCHED);
    };
    const { coldPosition, coldBytes } = answer.result;
    pull.isHit = !store.cold.fetch(coldPosition, coldBytes, resume); // Refused: the next `expire` tries again.
    this.#postponed.push(pull); // Q3
  }

  #resume(): void {
    if (this.#postponed.length === 0) return;
    const due = this.#postponed.filter((pull) => pull.isHit);
    this.#postponed = this.#postponed.filter((pull) => !pull.isHit); // Q1: before any answer can fail
    for (const pull of due) {
      pull.isHit = false;
      if (pull.peer?.isClosed === false) this.#pull(pull);
    }
  }

  #lock(work: LockWork): void {
    const nowMs = this.#clock.monotonicMs();
    if (work.isUnlock) this.#lease.release(work.consumerGroup, work.clientId);
    else work.isHeld = this.#lease.acquire(work.consumerGroup, work.clientId, nowMs);
  }

  #answer(isDue: (pull: PullWork) => boolean): void {
    const due: PullWork[] = [];
    const rest: PullWork[] = [];
    for (const pull of this.#waiting) (isDue(pull) ? due : rest).push(pull);
    if (due.length === 0) return;
    this.#keep(rest); // Q1: before any answer can fail
    for (const pull of due) {
      if (pull.peer === undefined || pull.peer.isClosed) continue;
      pull.waitUntilMs = 0;
      pull.isHit = false;
      this.#pull(pull);
    }
  }

  #keep(pulls: PullWork[]): void {
    this.#waiting = pulls;
    this.#queue.hasWaiters = pulls.length > 0; // Q2
  }
}

/** Owns one queue of one topic. */
export const queueActor = defineActor<QueueActorConfig, QueueMessage>({
  name: 'queue',
  start(config, context) {
    const queue = new Queue(config, context.clock, (message) => context.self.tell(message));
    return {
      receive: (message) => queue.receive(message),
      stop: () => queue.stop(),
      inspect: () => queue.inspect(),
    };
  },
});
