import type { Clock, Random, Scheduler, Timer } from '../base/index.ts';
import { ActorError } from './actor-error.ts';
import { inSequence } from './in-sequence.ts';
import {
  affectedBy,
  Backoff,
  type EndReason,
  isRestarted,
  RestartBudget,
  type RestartRule,
  type SupervisionSpec,
} from './restart-policy.ts';

/** What a supervisor does to its members. Actors and threads are both supervised through this. */
export interface SupervisedKind<T> {
  /** All members in start order. */
  members(): readonly T[];
  rule(member: T): RestartRule;
  /** Ends the present incarnation and keeps the place; `done` at once where there is none. */
  end(member: T, reason: EndReason, done: () => void): void;
  /** Starts the next incarnation. A failure goes to `failed`, and `done` is not called. */
  start(member: T, done: () => void): void;
  /** Ends it for good. */
  remove(member: T, reason: EndReason, done: () => void): void;
  /** The restart budget is used up: the supervisor itself fails. */
  exceeded(error: ActorError): void;
}

/** What decides about time and chance. */
export interface SupervisionEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
}

/**
 * Carries out a `SupervisionSpec`: who is ended and started again when a member ends, how soon, and when to give up.
 * Must be called with no member on the stack.
 */
export class Supervision<T> {
  readonly #spec: SupervisionSpec;
  readonly #kind: SupervisedKind<T>;
  readonly #environment: SupervisionEnvironment;
  readonly #budget: RestartBudget;
  /** One recovery a member under oneForOne, one for all (key undefined) otherwise. */
  readonly #recoveries = new Map<T | undefined, Recovery<T>>();
  #isOver = false;

  constructor(spec: SupervisionSpec, kind: SupervisedKind<T>, environment: SupervisionEnvironment) {
    this.#spec = spec;
    this.#kind = kind;
    this.#environment = environment;
    this.#budget = new RestartBudget(spec, environment.clock);
  }

  /** `member` ended by itself or failed, also in a start that this supervisor ordered. */
  ended(member: T, reason: EndReason, error?: unknown): void {
    if (this.#isOver) return;
    if (!isRestarted(this.#kind.rule(member), reason)) {
      this.#kind.remove(member, reason, () => undefined);
      return;
    }
    if (!this.#budget.take()) {
      this.cancel();
      const { restartsMax, periodMs } = this.#spec;
      const text = `more than ${restartsMax} restarts in ${periodMs} ms`;
      this.#kind.exceeded(
        new ActorError('RESTARTS_EXCEEDED', text, { restartsMax, periodMs }, error),
      );
      return;
    }
    const { strategy } = this.#spec;
    const key = strategy === 'oneForOne' ? member : undefined;
    let recovery = this.#recoveries.get(key);
    if (recovery === undefined) {
      recovery = new Recovery(this.#spec, this.#kind, this.#environment);
      this.#recoveries.set(key, recovery);
    }
    recovery.include(affectedBy(strategy, this.#kind.members(), member));
  }

  /** `member` leaves for good: nothing waits for it any more. */
  forget(member: T): void {
    const own = this.#recoveries.get(member);
    if (own !== undefined) {
      own.cancel();
      this.#recoveries.delete(member);
    }
    this.#recoveries.get(undefined)?.forget(member);
  }

  /** Ends all supervision: no restart that is due happens. */
  cancel(): void {
    this.#isOver = true;
    for (const recovery of this.#recoveries.values()) recovery.cancel();
    this.#recoveries.clear();
  }
}

/** A set of members on their way back: ended in reverse order, a pause, started in order. */
class Recovery<T> {
  readonly #kind: SupervisedKind<T>;
  readonly #scheduler: Scheduler;
  readonly #backoff: Backoff;
  readonly #members = new Set<T>();
  #timer: Timer | undefined;
  /** Grows with each new plan, so that what an older plan still waits for is ignored. */
  #plan = 0;

  constructor(spec: SupervisionSpec, kind: SupervisedKind<T>, environment: SupervisionEnvironment) {
    this.#kind = kind;
    this.#scheduler = environment.scheduler;
    this.#backoff = new Backoff(spec.backoff, environment.clock, environment.random);
  }

  /** Adds members after a failure and begins anew. */
  include(members: readonly T[]): void {
    for (const member of members) this.#members.add(member);
    this.#begin(this.#backoff.nextMs());
  }

  forget(member: T): void {
    if (this.#members.delete(member)) this.#begin(0);
  }

  cancel(): void {
    this.#plan += 1;
    this.#timer?.cancel();
    this.#members.clear();
  }

  #begin(delayMs: number): void {
    this.#plan += 1;
    this.#timer?.cancel();
    const plan = this.#plan;
    const ordered = this.#kind.members().filter((member) => this.#members.has(member));
    const ifCurrent = (next: () => void) => (): void => {
      if (plan === this.#plan) next();
    };
    const start = (): void =>
      inSequence(
        ordered.filter((member) => this.#members.has(member)),
        (member, next) =>
          this.#kind.start(
            member,
            ifCurrent(() => {
              this.#members.delete(member);
              next();
            }),
          ),
        () => undefined,
      );
    const pause = (): void => {
      this.#timer = this.#scheduler.setTimer(delayMs, ifCurrent(start));
    };
    inSequence(
      ordered.toReversed(),
      (member, next) => this.#end(member, ifCurrent(next)),
      ifCurrent(delayMs > 0 ? pause : start),
    );
  }

  #end(member: T, next: () => void): void {
    if (this.#kind.rule(member) === 'temporary') {
      this.#members.delete(member);
      this.#kind.remove(member, 'shutdown', next);
    } else {
      this.#kind.end(member, 'shutdown', next);
    }
  }
}
