import { type ErrorFacts, MqError } from '../base/index.ts';

const RING_ERRORS = {
  /** A capacity that is no power of two, or out of bounds. */
  CAPACITY_INVALID: { retryable: false },
  /** The record is larger than the ring: it never fits, however long the caller waits. */
  RECORD_TOO_LARGE: { retryable: false },
  /** The memory was not made by `createRing` of this version. */
  NOT_A_RING: { retryable: false },
  /** The words of a record contradict the published positions: something else wrote into the memory. */
  RING_CORRUPT: { retryable: false },
  /** A fan-in has its largest number of producers. */
  PRODUCERS_TOO_MANY: { retryable: false },
} as const;

/** Codes of {@link RingError}. */
export type RingErrorCode = keyof typeof RING_ERRORS;

/** What can go wrong with a ring. A full ring is no error: `claim` answers -1. */
export class RingError extends MqError<RingErrorCode> {
  constructor(code: RingErrorCode, message: string, details: ErrorFacts = {}) {
    super(RING_ERRORS, code, message, details);
    this.name = 'RingError';
  }
}
