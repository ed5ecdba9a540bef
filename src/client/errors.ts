import { type ErrorFacts, MqError } from '../base/index.ts';

/** What can go wrong in a client. `retryable`: the same call may succeed later. */
export const CLIENT_ERRORS = {
  /** An argument or option is not usable; `details` says which. */
  BAD_ARGUMENT: { retryable: false },
  /** `start()` was not called, or has not finished. */
  NOT_STARTED: { retryable: false },
  /** The client was closed by its owner. */
  CLOSED: { retryable: false },
  /** The caller's AbortSignal was triggered. */
  ABORTED: { retryable: false },
  /** No name server answered. */
  NAMESRV_UNREACHABLE: { retryable: true },
  /** No broker holds the topic, and none creates topics by itself. */
  TOPIC_NOT_FOUND: { retryable: true },
  /** The topic has no queue that may be written or read, or its broker has no master. */
  NO_QUEUE: { retryable: true },
  /** Body or properties exceed the limit. */
  MESSAGE_TOO_LARGE: { retryable: false },
  /** As many calls as the limit allows are under way. */
  TOO_MANY_IN_FLIGHT: { retryable: true },
  /** No answer in time: the call may or may not have taken effect. */
  TIMEOUT: { retryable: true },
  /** No connection, or it broke before the answer: the call may or may not have taken effect. */
  CONNECTION_FAILED: { retryable: true },
  /** The server refused; `details` holds `responseCode` and `remark`. */
  REFUSED: { retryable: false },
  /** The server cannot now; `details` holds `responseCode` and `remark`. */
  BUSY: { retryable: true },
  /** The server answered something that makes no sense. */
  BAD_RESPONSE: { retryable: false },
} as const;

/** Codes of `ClientError`. */
export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

/** Thrown by the client library; match on `code`. */
export class ClientError extends MqError<ClientErrorCode> {
  constructor(code: ClientErrorCode, message: string, details?: ErrorFacts, cause?: unknown) {
    super(CLIENT_ERRORS, code, message, details, cause);
    this.name = 'ClientError';
  }
}
