import { type ErrorFacts, MqError } from '../base/index.ts';

const ACTOR_ERRORS = {
  /** `start` threw; `cause` is what it threw. */
  START_FAILED: { retryable: true },
  /** A supervisor's restart budget is used up; `cause` is the failure that did not fit. */
  RESTARTS_EXCEEDED: { retryable: false },
  /** A child declared a failure that its parent must not mend by restarting the child. */
  ESCALATED: { retryable: false },
  /** Two children of one parent, or two shards, with the same id. */
  ID_IN_USE: { retryable: false },
  /** An id that is empty or holds a `/`. */
  ID_INVALID: { retryable: false },
  /** An actor may stop itself and its own children only. */
  NOT_A_CHILD: { retryable: false },
  /** The context of an actor that has been stopped or restarted was used. */
  NOT_RUNNING: { retryable: false },
  /** A named limit of the runtime was reached; `details` name it. */
  LIMIT_REACHED: { retryable: true },
  /** A message to another thread holds something that cannot be copied, such as a function. */
  MESSAGE_NOT_PLAIN: { retryable: false },
  /** A message to another thread is larger than the ring between the two. */
  MESSAGE_TOO_LARGE: { retryable: false },
  /** A root names an actor that the registry module does not have. */
  ACTOR_UNKNOWN: { retryable: false },
  /** A worker thread ended while something was expected of it. */
  THREAD_ENDED: { retryable: true },
  /** A pool was closed while a task was running or waiting. */
  POOL_CLOSED: { retryable: false },
} as const;

/** Codes of {@link ActorError}. */
export type ActorErrorCode = keyof typeof ACTOR_ERRORS;

/** An error of the actor runtime itself. */
export class ActorError extends MqError<ActorErrorCode> {
  constructor(code: ActorErrorCode, message: string, details: ErrorFacts = {}, cause?: unknown) {
    super(ACTOR_ERRORS, code, message, details, cause);
    this.name = 'ActorError';
  }
}
