import type { Clock, Timer } from '../base/index.ts';
import type { ActorRef, Behavior, Child } from './actor.ts';
import { Fifo } from './fifo.ts';
import { NESTING_MAX } from './limits.ts';
import type { Supervision } from './supervision.ts';

/** What is visible of an actor from outside: `restarting` also while it waits for its back-off. */
export type ActorState = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped';

/** What a cell needs of its shard. */
export interface CellHost {
  readonly clock: Clock;
  /** Tells that run inside each other right now. */
  nesting: number;
  deadLetters: number;
  /** Gives the cell a turn soon: it has mail. */
  schedule(cell: ActorCell<never>): void;
  /** `error` left the cell's `receive`. */
  failed(cell: ActorCell<never>, error: unknown): void;
}

/** One incarnation's context as the runtime sees it. */
export interface Incarnation {
  readonly isEnded: boolean;
  /** Cancels its timers, asks and watches. */
  close(): void;
}

/** The stop of an incarnation while it is under way. */
export interface Ending {
  readonly callbacks: (() => void)[];
  /** Gives up waiting for `drain`, where that is what is waited for. */
  giveUpDrain?: () => void;
  timer?: Timer;
}

// The gate says in one word whether `run` may go ahead: it may when no bit is set.
export const GATE_BUSY = 1;
export const GATE_QUEUED = 2;
export const GATE_CLOSED = 4;

/** Busy time is measured in one of so many direct calls, and counted as often. A power of two. */
const SAMPLE_EVERY = 64;

const NO_BEHAVIOR: Behavior<unknown> = { receive: () => undefined };

/**
 * One actor's place in the tree: mailbox, counters and the present incarnation. Outlives its incarnations.
 *
 * C1: a message is handled only when no bit of `gate` is set, or as the oldest in the mailbox.
 * C2: GATE_QUEUED is set exactly while the mailbox holds something, so nothing overtakes a queued message.
 * C3: GATE_BUSY is set while `receive` is on the stack, so it never runs inside itself.
 * C4: GATE_CLOSED is set unless there is an incarnation that may handle messages.
 */
export class ActorCell<in M> implements ActorRef<M> {
  readonly id: string;
  readonly parent: ActorCell<never> | undefined;
  spec: Child<M>;
  gate = GATE_CLOSED;
  behavior: Behavior<M> = NO_BEHAVIOR;
  state: ActorState = 'starting';
  /** Present incarnation; undefined before the first and after the last. */
  incarnation: Incarnation | undefined;
  /** True from a `start` that returned to the end of its `stop`. */
  isAlive = false;
  /** Will not be started again. */
  isLeaving = false;
  isScheduled = false;
  failure: { readonly error: unknown } | undefined;
  ending: Ending | undefined;
  handled = 0;
  busyMs = 0;
  /** Messages refused because the mailbox was full. */
  refused = 0;
  restarts = 0;
  children: Map<string, ActorCell<never>> | undefined;
  /** Children of the previous incarnation: they come to life again when the next one spawns them under the same id. */
  retired: Map<string, ActorCell<never>> | undefined;
  supervision: Supervision<ActorCell<never>> | undefined;
  watchers: Set<() => void> | undefined;
  /** Holds messages of type M; typed unknown so that a cell stays contravariant. */
  readonly mailbox = new Fifo<unknown>();
  readonly #host: CellHost;

  constructor(host: CellHost, parent: ActorCell<never> | undefined, id: string, spec: Child<M>) {
    this.#host = host;
    this.parent = parent;
    this.id = id;
    this.spec = spec;
  }

  tell(message: M): boolean {
    const host = this.#host;
    if (this.gate !== 0 || host.nesting >= NESTING_MAX) return this.#enqueue(message);
    host.nesting += 1;
    this.run(message);
    host.nesting -= 1;
    return true;
  }

  run(message: M): boolean {
    // hot path
    if (this.gate !== 0) return false; // C1
    this.handled += 1;
    if ((this.handled & (SAMPLE_EVERY - 1)) === 0) return this.#runMeasured(message);
    this.gate = GATE_BUSY; // C3
    try {
      this.behavior.receive(message);
    } catch (error) {
      this.gate &= ~GATE_BUSY;
      this.#host.failed(this, error);
      return false;
    }
    this.gate &= ~GATE_BUSY;
    return true;
  }

  /** Queues a message of the runtime (timer, reply, watch): their number is limited where they are made. */
  deliver(message: M): void {
    if (this.gate === 0) this.run(message);
    else this.#push(message);
  }

  /** Handles up to `limit` queued messages. Called with nothing else of this shard on the stack. */
  takeTurn(limit: number): void {
    const host = this.#host;
    const startMs = host.clock.monotonicMs();
    host.nesting += 1;
    for (let count = 0; count < limit && this.mailbox.length > 0; count++) {
      if ((this.gate & GATE_CLOSED) !== 0) break; // C4
      this.#receiveQueued();
    }
    host.nesting -= 1;
    this.busyMs += host.clock.monotonicMs() - startMs;
  }

  /** Lets messages through again and asks for a turn where some are waiting. */
  open(): void {
    this.gate &= ~GATE_CLOSED;
    if (this.mailbox.length > 0) this.#host.schedule(this);
  }

  close(): void {
    this.gate |= GATE_CLOSED;
  }

  /** Whether a turn would find something to do. */
  get hasMail(): boolean {
    return this.mailbox.length > 0 && (this.gate & GATE_CLOSED) === 0;
  }

  /** Calls `callback` once when this actor has stopped for good; returns what takes that back. */
  onStopped(callback: () => void): () => void {
    if (this.state === 'stopped') {
      callback();
      return () => undefined;
    }
    this.watchers ??= new Set();
    this.watchers.add(callback);
    return () => void this.watchers?.delete(callback);
  }

  #enqueue(message: M): boolean {
    if (this.isLeaving && (this.gate & GATE_CLOSED) !== 0) {
      this.#host.deadLetters += 1;
      return false;
    }
    if (this.mailbox.length >= this.spec.mailboxMax) {
      this.refused += 1;
      return false;
    }
    this.#push(message);
    return true;
  }

  #push(message: M): void {
    this.mailbox.push(message);
    this.gate |= GATE_QUEUED; // C2
    if ((this.gate & GATE_CLOSED) === 0) this.#host.schedule(this);
  }

  #receiveQueued(): void {
    const message = this.mailbox.shift() as M;
    this.gate |= GATE_BUSY; // C3
    this.handled += 1;
    try {
      this.behavior.receive(message);
    } catch (error) {
      this.#host.failed(this, error);
    }
    // Mail that came in meanwhile is behind this message: the bit may only go when nothing is left.
    this.gate &= this.mailbox.length > 0 ? ~GATE_BUSY : ~(GATE_BUSY | GATE_QUEUED); // C2
  }

  #runMeasured(message: M): boolean {
    const startMs = this.#host.clock.monotonicMs();
    this.gate = GATE_BUSY; // C3
    try {
      this.behavior.receive(message);
      return true;
    } catch (error) {
      this.#host.failed(this, error);
      return false;
    } finally {
      this.gate &= ~GATE_BUSY;
      this.busyMs += (this.#host.clock.monotonicMs() - startMs) * SAMPLE_EVERY;
    }
  }
}
