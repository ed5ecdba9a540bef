import type { Clock, Logger, Random, Timer } from '../base/index.ts';
import type { EndReason, RestartRule, SupervisionSpec } from './restart-policy.ts';

/**
 * The address of an actor. It stays valid while the actor is restarted, and while the thread of an actor in another
 * shard is replaced.
 */
export interface ActorRef<in M> {
  /** Path of ids from the shard's root, such as `broker-a/queues/TopicTest-0`. */
  readonly id: string;
  /**
   * Same shard: an idle actor with an empty mailbox handles `message` at once, in the caller's turn; otherwise it is
   * queued in order. Other shard: a record in the ring between the two.
   * @returns false when the mailbox or the ring is full, or the actor or its shard is gone. True promises no handling:
   * an actor may fail, and a thread may die, with messages waiting.
   * @thread owner
   */
  tell(message: M): boolean;
  /**
   * Handles `message` at once or not at all, so the caller may use the same object again. Hot path of a shard.
   * @returns true when `receive` returned; false when the actor is busy, has mail waiting, is restarting or gone, lives
   * in another shard, or failed on this message (its supervisor knows; what it did before it failed stays done).
   * @thread owner
   */
  run(message: M): boolean;
}

/** What `start` returns: one incarnation of an actor. */
export interface Behavior<in M> {
  /** Handles one message. What it throws goes to the supervisor, and the message is not handled again. */
  receive(message: M): void;
  /**
   * First step of an orderly stop: finish the work in hand and call `done`, at most `shutdownMs` from now. Messages and
   * timers still arrive meanwhile. Skipped after a failure.
   */
  drain?(done: () => void): void;
  /**
   * Last step of every stop, after the children's; also after a failure, when the state may be wrong: release what is
   * held, and look at `reason` before saving.
   */
  stop?(reason: EndReason): void;
  /** Plain facts for the supervision tree. */
  inspect?(): object;
}

/** What an actor may use. It belongs to one incarnation: after a restart the old one does nothing any more. */
export interface ActorContext<M> {
  readonly self: ActorRef<M>;
  /** Name of the shard. */
  readonly shard: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** True once this incarnation has ended: late callbacks look here before they touch anything. */
  readonly isEnded: boolean;
  /**
   * Starts a child under this actor; the definition's `supervision` rules it.
   * @throws {ActorError} START_FAILED when its `start` throws, ID_IN_USE, ID_INVALID.
   */
  spawn<C, N>(spec: ChildSpec<C, N>): ActorRef<N>;
  spawn<N>(child: Child<N>): ActorRef<N>;
  /**
   * Stops a child for good (whatever its restart rule), or ends this actor normally (`self`: a permanent one is
   * started again). Takes effect after the present turn.
   * @throws {ActorError} NOT_A_CHILD
   */
  stop(ref: ActorRef<never>): void;
  /**
   * Delivers `message` once when the actor behind `ref` has stopped for good (restarts do not count); for an actor of
   * another shard also when its thread ends.
   */
  watch(ref: ActorRef<never>, message: M): void;
  /**
   * Delivers `message` after `delayMs`, never to a later incarnation. Mailbox limits do not apply.
   * @throws {ActorError} LIMIT_REACHED above TIMERS_MAX pending timers.
   */
  setTimer(delayMs: number, message: M): Timer;
  /**
   * Sends a question that carries `replyTo`, and delivers `onReply(reply)` to this actor exactly once; `undefined` when
   * `send` returned false, the deadline passed, or the asked shard ended.
   */
  ask<R>(
    send: (replyTo: ActorRef<R>) => boolean,
    deadlineMs: number,
    onReply: (reply: R | undefined) => M,
  ): void;
  /** Reports a failure that must not be mended by restarting this actor: its parent fails instead. */
  escalate(error: unknown): void;
  /** The actor `id` of shard `shard`, whether it runs yet or not. */
  resolve<N>(shard: string, id: string): ActorRef<N>;
}

/** An actor's code: a name, and what makes an incarnation from its configuration. */
export interface ActorDefinition<in C, M> {
  readonly name: string;
  /** How children spawned by this actor are supervised (default: oneForOne, RESTARTS_MAX in RESTART_PERIOD_MS). */
  readonly supervision?: SupervisionSpec;
  /** Builds the state anew, from durable state where there is one. A throw is a failed start. */
  start(config: C, context: ActorContext<M>): Behavior<M>;
}

/** Defines an actor. */
export const defineActor = <C, M>(definition: ActorDefinition<C, M>): ActorDefinition<C, M> =>
  definition;

/** A child as its parent lists it. */
export interface ChildSpec<C, M> {
  /** Unique among its siblings; no `/`. */
  readonly id: string;
  readonly actor: ActorDefinition<C, M>;
  readonly config: C;
  /** Default `permanent`. */
  readonly restart?: RestartRule;
  /** Time for `drain` (default SHUTDOWN_MS). */
  readonly shutdownMs?: number;
  /** Messages that may wait (default MAILBOX_MAX). */
  readonly mailboxMax?: number;
}

/** A child whose configuration type is hidden, so that a list may hold different actors. */
export interface Child<M> {
  readonly id: string;
  readonly actorName: string;
  readonly supervision: SupervisionSpec | undefined;
  readonly restart: RestartRule;
  readonly shutdownMs: number;
  readonly mailboxMax: number;
  begin(context: ActorContext<M>): Behavior<M>;
}
