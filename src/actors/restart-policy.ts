import type { Clock, Random } from '../base/index.ts';

/** Which siblings share the fate of a child that failed: none, all, or those started after it. */
export type Strategy = 'oneForOne' | 'oneForAll' | 'restForOne';

/** When a child is started again: always, after a failure only, never. */
export type RestartRule = 'permanent' | 'transient' | 'temporary';

/** How an actor or a thread came to its end: by itself, by order of its supervisor, by a failure. */
export type EndReason = 'normal' | 'shutdown' | 'failure';

/** Waiting time before a restart: doubles from `firstMs` to `maxMs`, each time plus up to `jitter` of itself. */
export interface BackoffSpec {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Largest random share added to a delay, 0 to 1 (default 0.2): many actors do not come back in step. */
  readonly jitter?: number;
  /** After this time without a failure the next delay is `firstMs` again (default 2 · `maxMs`). */
  readonly quietMs?: number;
}

/** How a parent treats the ends of its children. */
export interface SupervisionSpec {
  readonly strategy: Strategy;
  /** Restarts granted within any `periodMs`; one more escalates. */
  readonly restartsMax: number;
  readonly periodMs: number;
  /** Without it a restart follows at once. */
  readonly backoff?: BackoffSpec;
}

/** Whether a child that ended by itself or by a failure is started again. */
export function isRestarted(rule: RestartRule, reason: EndReason): boolean {
  if (reason === 'shutdown' || rule === 'temporary') return false;
  return rule === 'permanent' || reason === 'failure';
}

/** The members that are ended and started again with `failed`, in start order. */
export function affectedBy<T>(strategy: Strategy, members: readonly T[], failed: T): readonly T[] {
  if (strategy === 'oneForOne') return [failed];
  return strategy === 'oneForAll' ? members : members.slice(members.indexOf(failed));
}

/** Counts restarts in a sliding period. */
export class RestartBudget {
  readonly #spec: SupervisionSpec;
  readonly #clock: Clock;
  #times: number[] = [];

  constructor(spec: SupervisionSpec, clock: Clock) {
    this.#spec = spec;
    this.#clock = clock;
  }

  /** Takes one restart; false when the period's are used up. */
  take(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#times = this.#times.filter((time) => nowMs - time < this.#spec.periodMs);
    this.#times.push(nowMs);
    return this.#times.length <= this.#spec.restartsMax;
  }
}

/** Hands out the delays of a `BackoffSpec`. */
export class Backoff {
  readonly #spec: BackoffSpec | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  #delayMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(spec: BackoffSpec | undefined, clock: Clock, random: Random) {
    this.#spec = spec;
    this.#clock = clock;
    this.#random = random;
  }

  /** The delay before the restart that follows a failure now. */
  nextMs(): number {
    const spec = this.#spec;
    if (spec === undefined) return 0;
    const nowMs = this.#clock.monotonicMs();
    const isQuiet = nowMs - this.#lastMs > (spec.quietMs ?? 2 * spec.maxMs);
    this.#delayMs = isQuiet ? spec.firstMs : Math.min(spec.maxMs, this.#delayMs * 2);
    this.#lastMs = nowMs;
    return this.#delayMs * (1 + (spec.jitter ?? 0.2) * this.#random.next());
  }
}
