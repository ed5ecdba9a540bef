import type { Clock, Scheduler, Timer } from '../base/index.ts';
import { decodeCommand, type RemotingCommand, type RequestView } from '../protocol/index.ts';
import { TransportError } from './transport-error.ts';

/** Told once what became of a request. */
export type RequestDone = (error: Error | undefined, response?: RemotingCommand) => void;

/** Told once what became of a call. `view` is the answer's frame: valid during the call only, copy what outlives it. */
export type CallDone = (error: Error | undefined, view?: RequestView) => void;

interface Pending {
  /** Whoever was asked: only it may answer. */
  readonly target: object;
  readonly address: string;
  readonly sentMs: number;
  readonly deadlineMs: number;
  readonly timeoutMs: number;
  readonly done: RequestDone;
  /** Gets the answer as it came, instead of `done`. */
  readonly onView: CallDone | undefined;
}

/** Settings of a table of pending requests. */
export interface PendingRequestsOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Most requests that may wait for an answer at once. */
  readonly limit: number;
  /** Called after a request has run out of time, with the time it was sent. */
  readonly onTimeout?: (target: object, sentMs: number) => void;
}

const OPAQUE_MAX = 0x7fff_ffff;
/** Timeouts are looked at no more often than this. */
const TIMEOUT_STEP_MS = 50;

/**
 * Requests waiting for their answers, by opaque. Q1: `done` is called exactly once for each, never inside `add`.
 * One timer serves all: it is set for the earliest deadline.
 */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #limit: number;
  readonly #onTimeout: ((target: object, sentMs: number) => void) | undefined;
  readonly #pending = new Map<number, Pending>();
  #opaque = 0;
  #timer: Timer | undefined;
  #timerMs = 0;

  constructor(options: PendingRequestsOptions) {
    this.#clock = options.clock;
    this.#scheduler = options.scheduler;
    this.#limit = options.limit;
    this.#onTimeout = options.onTimeout;
  }

  /** Requests waiting. */
  get size(): number {
    return this.#pending.size;
  }

  /** A number for a request that nobody answers. */
  nextOpaque(): number {
    this.#opaque = this.#opaque === OPAQUE_MAX ? 0 : this.#opaque + 1;
    return this.#opaque;
  }

  /** Registers a request and returns its opaque, or -1 when the table is full: then `done` is told in a later turn. */
  add(target: object, address: string, timeoutMs: number, done: RequestDone): number {
    return this.#add(target, address, timeoutMs, done, undefined);
  }

  /** Like `add`, for one who reads the answer's frame. */
  addCall(target: object, address: string, timeoutMs: number, done: CallDone): number {
    return this.#add(target, address, timeoutMs, done as RequestDone, done);
  }

  #add(
    target: object,
    address: string,
    timeoutMs: number,
    done: RequestDone,
    onView: CallDone | undefined,
  ): number {
    if (this.#pending.size >= this.#limit) {
      const error = new TransportError(
        'TOO_MANY_REQUESTS',
        `${this.#limit} requests wait for their answers already`,
        { limit: this.#limit },
      );
      this.#scheduler.defer(() => done(error));
      return -1;
    }
    let opaque = this.nextOpaque();
    while (this.#pending.has(opaque)) opaque = this.nextOpaque();
    const sentMs = this.#clock.monotonicMs();
    const deadlineMs = sentMs + timeoutMs;
    this.#pending.set(opaque, { target, address, sentMs, deadlineMs, timeoutMs, done, onView });
    this.#arm(deadlineMs, sentMs);
    return opaque;
  }

  /** Hands an answer to its request. False when nobody waits for it, or another peer was asked. */
  settle(target: object, view: RequestView): boolean {
    const pending = this.#pending.get(view.opaque);
    if (pending === undefined || pending.target !== target) return false;
    if (pending.onView !== undefined) {
      this.#pending.delete(view.opaque);
      pending.onView(undefined, view); // Q1
      return true;
    }
    // Decoded only now: what nobody asked for costs nothing. What cannot be decoded counts as no answer.
    const response = decodeCommand(view);
    this.#pending.delete(view.opaque);
    pending.done(undefined, response); // Q1
    return true;
  }

  /** Fails one request in a later turn. */
  failLater(opaque: number, error: Error): void {
    const pending = this.#pending.get(opaque);
    if (pending === undefined) return;
    this.#pending.delete(opaque);
    this.#scheduler.defer(() => pending.done(error)); // Q1
  }

  /** Fails every request to `target`, or all. */
  fail(target: object | undefined, error: Error): void {
    for (const [opaque, pending] of [...this.#pending]) {
      if (target !== undefined && pending.target !== target) continue;
      if (!this.#pending.delete(opaque)) continue;
      pending.done(error); // Q1
    }
    if (this.#pending.size === 0) this.#disarm();
  }

  /** Fails every request to a peer that is gone. */
  failPeer(target: object, address: string): void {
    if (this.#pending.size > 0) this.fail(target, closedError(address));
  }

  #arm(deadlineMs: number, nowMs: number): void {
    if (this.#timer !== undefined && this.#timerMs <= deadlineMs) return;
    this.#disarm();
    const delayMs = Math.max(TIMEOUT_STEP_MS, deadlineMs - nowMs);
    this.#timerMs = nowMs + delayMs;
    this.#timer = this.#scheduler.setTimer(delayMs, () => this.#expire(), false);
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const [opaque, pending] of [...this.#pending]) {
      if (pending.deadlineMs > nowMs) {
        earliestMs = Math.min(earliestMs, pending.deadlineMs);
        continue;
      }
      if (!this.#pending.delete(opaque)) continue;
      pending.done(timeoutError(pending)); // Q1
      this.#onTimeout?.(pending.target, pending.sentMs);
    }
    if (earliestMs < Number.POSITIVE_INFINITY && this.#pending.size > 0) {
      this.#arm(earliestMs, nowMs);
    }
  }
}

function timeoutError(pending: Pending): TransportError {
  const { address, timeoutMs } = pending;
  return new TransportError('REQUEST_TIMEOUT', `no answer from ${address} within ${timeoutMs} ms`, {
    address,
    timeoutMs,
  });
}

/** The error of a call whose connection is gone. */
export function closedError(address: string): TransportError {
  return new TransportError('CONNECTION_CLOSED', `the connection to ${address} is closed`, {
    address,
  });
}
