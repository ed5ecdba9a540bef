import { type ErrorFacts, MqError } from '../base/index.ts';

const TRANSPORT_ERRORS = {
  /** The text is no `host:port`. */
  BAD_ADDRESS: { retryable: false },
  /** No connection could be made. */
  CONNECT_FAILED: { retryable: true },
  /** The connection went away before the answer came. */
  CONNECTION_CLOSED: { retryable: true },
  /** No answer within the request's time. */
  REQUEST_TIMEOUT: { retryable: true },
  /** More requests are waiting for an answer than the limit allows. */
  TOO_MANY_REQUESTS: { retryable: true },
  /** The peer does not read: too many bytes wait to be sent. */
  OUTPUT_FULL: { retryable: true },
  /** The client was closed by its owner. */
  CLIENT_CLOSED: { retryable: false },
} as const;

/** Codes of `TransportError`. */
export type TransportErrorCode = keyof typeof TRANSPORT_ERRORS;

/** A connection or a call over it failed. */
export class TransportError extends MqError<TransportErrorCode> {
  constructor(code: TransportErrorCode, message: string, details?: ErrorFacts, cause?: unknown) {
    super(TRANSPORT_ERRORS, code, message, details, cause);
    this.name = 'TransportError';
  }
}
