import type { Clock, Scheduler, Timer } from '../../base/index.ts';
import type { RequestView } from '../../protocol/index.ts';
import type { CallDone } from '../pending-requests.ts';

/** Settings of a table of calls. */
export interface PendingCallsOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Most calls that may wait at once. */
  readonly limit: number;
  /** The error of a call to `target` whose time is over. */
  readonly timeoutError: (target: object) => Error;
}

/** Slots of a table at first; it doubles until its limit. */
const SLOTS_FIRST = 256;
/** An opaque is a slot in its low bits and a count of that slot's uses above. */
const SLOT_BITS = 17;
const SLOT_MASK = 2 ** SLOT_BITS - 1;
const USES_MASK = 2 ** (31 - SLOT_BITS) - 1;
/** Deadlines are looked at no more often than this. */
const TIMEOUT_STEP_MS = 50;

/** Most calls a table can be told to hold. */
export const PENDING_CALLS_MAX = 2 ** SLOT_BITS;

/**
 * Calls that wait for their answers, in slots that are used again: nothing is allocated for a call, and one timer serves
 * all. Q1: `done` is called exactly once for each. Q2: an answer that comes late finds its slot used by nobody, or by a
 * call of another opaque.
 */
export class PendingCalls {
  readonly #options: PendingCallsOptions;
  readonly #dones: (CallDone | undefined)[] = [];
  readonly #targets: (object | undefined)[] = [];
  #deadlines = new Float64Array(SLOTS_FIRST);
  #uses = new Int32Array(SLOTS_FIRST);
  /** Free slots below `#next`. */
  readonly #free: number[] = [];
  /** Slots from here on were never used. */
  #next = 0;
  #size = 0;
  #timer: Timer | undefined;
  #timerMs = 0;

  constructor(options: PendingCallsOptions) {
    this.#options = options;
  }

  /** Calls waiting. */
  get size(): number {
    return this.#size;
  }

  /** Takes a call up and returns its opaque; -1 when there are too many. */
  add(target: object, timeoutMs: number, done: CallDone): number {
    // hot path
    const slot = this.#slot();
    if (slot < 0) return -1;
    const nowMs = this.#options.clock.monotonicMs();
    const deadlineMs = nowMs + timeoutMs;
    this.#dones[slot] = done;
    this.#targets[slot] = target;
    this.#deadlines[slot] = deadlineMs;
    this.#size += 1;
    if (this.#timer === undefined || this.#timerMs > deadlineMs) this.#arm(deadlineMs, nowMs);
    return ((this.#uses[slot] as number) << SLOT_BITS) | slot;
  }

  /** Hands an answer to its call; false where nobody waits for it, or somebody else was asked. */
  settle(target: object, view: RequestView): boolean {
    // hot path
    const slot = view.opaque & SLOT_MASK;
    const done = this.#dones[slot];
    if (done === undefined || this.#targets[slot] !== target) return false;
    if (this.#uses[slot] !== view.opaque >>> SLOT_BITS) return false; // Q2
    this.#release(slot);
    done(undefined, view); // Q1
    return true;
  }

  /** Takes a call back that was not sent, to be told of it by the caller. */
  cancel(opaque: number): void {
    const slot = opaque & SLOT_MASK;
    if (this.#dones[slot] !== undefined && this.#uses[slot] === opaque >>> SLOT_BITS) {
      this.#release(slot);
    }
  }

  /** Fails all calls to `target`, or all. */
  fail(target: object | undefined, error: Error): void {
    for (let slot = 0; slot < this.#next && this.#size > 0; slot++) {
      const done = this.#dones[slot];
      if (done === undefined || (target !== undefined && this.#targets[slot] !== target)) continue;
      this.#release(slot);
      done(error); // Q1
    }
  }

  /** No deadline is looked at any more. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #slot(): number {
    // hot path
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slot = this.#next;
    if (slot >= Math.min(this.#options.limit, PENDING_CALLS_MAX)) return -1;
    if (slot === this.#deadlines.length) this.#grow();
    this.#next += 1;
    this.#dones.push(undefined);
    this.#targets.push(undefined);
    return slot;
  }

  #grow(): void {
    const deadlines = new Float64Array(this.#deadlines.length * 2);
    const uses = new Int32Array(this.#uses.length * 2);
    deadlines.set(this.#deadlines);
    uses.set(this.#uses);
    this.#deadlines = deadlines;
    this.#uses = uses;
  }

  #release(slot: number): void {
    // hot path
    this.#dones[slot] = undefined;
    this.#targets[slot] = undefined;
    this.#uses[slot] = ((this.#uses[slot] as number) + 1) & USES_MASK; // Q2
    this.#free.push(slot);
    this.#size -= 1;
  }

  #arm(deadlineMs: number, nowMs: number): void {
    this.#timer?.cancel();
    const delayMs = Math.max(TIMEOUT_STEP_MS, deadlineMs - nowMs);
    this.#timerMs = nowMs + delayMs;
    this.#timer = this.#options.scheduler.setTimer(delayMs, () => this.#expire(), false);
  }

  #expire(): void {
    this.#timer = undefined;
    const nowMs = this.#options.clock.monotonicMs();
    let earliestMs = Number.POSITIVE_INFINITY;
    const { length } = this.#dones;
    for (let slot = 0; slot < length; slot++) {
      const done = this.#dones[slot];
      if (done === undefined) continue;
      const deadlineMs = this.#deadlines[slot] as number;
      if (deadlineMs > nowMs) {
        earliestMs = Math.min(earliestMs, deadlineMs);
        continue;
      }
      const error = this.#options.timeoutError(this.#targets[slot] as object);
      this.#release(slot);
      done(error); // Q1
    }
    const isNeeded = this.#timer === undefined || this.#timerMs > earliestMs;
    if (earliestMs < Number.POSITIVE_INFINITY && isNeeded) this.#arm(earliestMs, nowMs);
  }
}
