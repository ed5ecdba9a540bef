import type { Clock, Logger, Random, Scheduler, Timer } from '../base/index.ts';
import type { ActorContext, ActorRef, Child, ChildSpec } from './actor.ts';
import { ActorError } from './actor-error.ts';
import { ActorCell, type Incarnation } from './cell.ts';
import { child } from './child.ts';
import type { Lifecycle } from './lifecycle.ts';
import { ASKS_MAX, TIMERS_MAX } from './limits.ts';
import type { Replies } from './replies.ts';

/** What a context needs of its shard. */
export interface ContextHost {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly replies: Replies;
  resolve<N>(shard: string, id: string): ActorRef<N>;
  /** Calls back once when the actor behind `ref` is gone for good; returns what takes that back. */
  watch(ref: ActorRef<never>, callback: () => void): () => void;
}

const INERT_TIMER: Timer = { cancel: () => undefined };

/** The context of one incarnation: everything it started ends with it. */
export class CellContext<M> implements ActorContext<M>, Incarnation {
  readonly self: ActorRef<M>;
  readonly #cell: ActorCell<M>;
  readonly #host: ContextHost;
  /** What `close` takes back: watches and asks. */
  readonly #open = new Set<() => void>();
  readonly #timers = new Set<Timer>();
  #asks = 0;
  #isEnded = false;
  #logger: Logger | undefined;

  constructor(cell: ActorCell<M>, host: ContextHost) {
    this.self = cell;
    this.#cell = cell;
    this.#host = host;
  }

  get shard(): string {
    return this.#host.name;
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  get random(): Random {
    return this.#host.random;
  }

  get logger(): Logger {
    this.#logger ??= this.#host.logger.child({ actor: this.#cell.id });
    return this.#logger;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  spawn<C, N>(spec: ChildSpec<C, N> | Child<N>): ActorRef<N> {
    this.#assertRunning();
    const cell = this.#cell;
    return this.#host.lifecycle.spawn(cell, 'begin' in spec ? spec : child(spec));
  }

  stop(ref: ActorRef<never>): void {
    const { lifecycle } = this.#host;
    if (this.#isEnded) return;
    if (ref === this.#cell) {
      lifecycle.finish(this.#cell);
      return;
    }
    if (!(ref instanceof ActorCell) || ref.parent !== this.#cell) {
      throw new ActorError('NOT_A_CHILD', `${ref.id} is no child of ${this.self.id}`, {
        id: ref.id,
        parent: this.self.id,
      });
    }
    lifecycle.stop(ref);
  }

  watch(ref: ActorRef<never>, message: M): void {
    if (this.#isEnded) return;
    let isOver = false;
    let unwatch = (): void => undefined;
    const takeBack = (): void => unwatch();
    unwatch = this.#host.watch(ref, () => {
      isOver = true;
      this.#open.delete(takeBack);
      this.#deliver(message);
    });
    if (!isOver) this.#open.add(takeBack);
  }

  setTimer(delayMs: number, message: M): Timer {
    if (this.#isEnded) return INERT_TIMER;
    this.#assertRoom('timers', this.#timers.size, TIMERS_MAX);
    const inner = this.#host.scheduler.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      this.#deliver(message);
    });
    const timer: Timer = {
      cancel: () => {
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    return timer;
  }

  ask<R>(
    send: (replyTo: ActorRef<R>) => boolean,
    deadlineMs: number,
    onReply: (reply: R | undefined) => M,
  ): void {
    if (this.#isEnded) return;
    this.#assertRoom('asks', this.#asks, ASKS_MAX);
    const pending = this.#host.replies.open((reply) => {
      close();
      this.#deliverReply(() => onReply(reply as R | undefined));
    });
    const deadline = this.#host.scheduler.setTimer(deadlineMs, () => pending.giveUp());
    const close = (): void => {
      deadline.cancel();
      pending.cancel();
      if (this.#open.delete(close)) this.#asks -= 1;
    };
    this.#asks += 1;
    this.#open.add(close);
    if (!send(pending.ref as ActorRef<R>)) pending.giveUp();
  }

  escalate(error: unknown): void {
    if (!this.#isEnded) this.#host.lifecycle.failed(this.#cell, error, true);
  }

  resolve<N>(shard: string, id: string): ActorRef<N> {
    return this.#host.resolve(shard, id);
  }

  close(): void {
    this.#isEnded = true;
    for (const timer of this.#timers) timer.cancel();
    for (const takeBack of this.#open) takeBack();
    this.#timers.clear();
    this.#open.clear();
  }

  #deliver(message: M): void {
    if (!this.#isEnded) this.#cell.deliver(message);
  }

  /** The mapping is the asker's code: what it throws is the asker's failure, not that of who answered. */
  #deliverReply(map: () => M): void {
    if (this.#isEnded) return;
    let message: M;
    try {
      message = map();
    } catch (error) {
      this.#host.lifecycle.failed(this.#cell, error);
      return;
    }
    this.#cell.deliver(message);
  }

  #assertRunning(): void {
    if (!this.#isEnded) return;
    throw new ActorError('NOT_RUNNING', `this incarnation of ${this.self.id} has ended`, {
      id: this.self.id,
    });
  }

  #assertRoom(kind: string, used: number, max: number): void {
    if (used < max) return;
    throw new ActorError('LIMIT_REACHED', `${this.self.id} has ${max} pending ${kind}`, {
      id: this.self.id,
      kind,
      max,
    });
  }
}
