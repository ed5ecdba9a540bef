import { type ErrorFacts, MqError } from '../base/index.ts';

const NAME_SERVER_ERRORS = {
  /** A name or address in a request cannot be one. */
  NAME_INVALID: { retryable: false },
  /** The route table holds as much as it may. */
  TABLE_FULL: { retryable: false },
} as const;

/** Codes of `NameServerError`. */
export type NameServerErrorCode = keyof typeof NAME_SERVER_ERRORS;

/** A name server refuses a request. */
export class NameServerError extends MqError<NameServerErrorCode> {
  constructor(code: NameServerErrorCode, message: string, details?: ErrorFacts) {
    super(NAME_SERVER_ERRORS, code, message, details);
    this.name = 'NameServerError';
  }
}
