import { type ErrorFacts, errorCode, errorMessage } from '../base/index.ts';

/** An error as plain data: what is left of it on the other side of a thread boundary. */
export interface PlainError {
  readonly message: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly details?: ErrorFacts;
  readonly stack?: string;
  readonly cause?: PlainError;
}

/** Causes that are kept: the chain of a start that failed is as deep as the tree. */
const CAUSES_MAX = 16;

/** Keeps what can be copied of anything thrown. */
export function toPlainError(error: unknown, causesLeft = CAUSES_MAX): PlainError {
  const code = errorCode(error);
  const isError = error instanceof Error;
  return {
    message: errorMessage(error),
    ...(code === undefined ? {} : { code }),
    ...ownFacts(error),
    ...(isError && error.stack !== undefined ? { stack: error.stack } : {}),
    ...(isError && error.cause !== undefined && causesLeft > 0
      ? { cause: toPlainError(error.cause, causesLeft - 1) }
      : {}),
  };
}

/** An `Error` with the facts of a plain one. */
export function fromPlainError(plain: PlainError): Error {
  const error =
    plain.cause === undefined
      ? new Error(plain.message)
      : new Error(plain.message, { cause: fromPlainError(plain.cause) });
  if (plain.stack !== undefined) error.stack = plain.stack;
  const { code, retryable, details } = plain;
  return Object.assign(
    error,
    code === undefined ? {} : { code },
    retryable === undefined ? {} : { retryable },
    details === undefined ? {} : { details },
  );
}

/** What an `MqError` has beside its code. */
function ownFacts(error: unknown): Pick<PlainError, 'retryable' | 'details'> {
  if (!(error instanceof Error)) return {};
  const { retryable, details } = error as Error & Pick<PlainError, 'retryable' | 'details'>;
  return {
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(typeof details === 'object' && details !== null ? { details } : {}),
  };
}
