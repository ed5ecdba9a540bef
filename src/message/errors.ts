import { type ErrorFacts, MqError } from '../base/index.ts';

/** What can be wrong with a message, its stored form or its identifiers. None of it gets better by trying again. */
export const MESSAGE_ERRORS = {
  RECORD_CORRUPT: { retryable: false },
  BATCH_MALFORMED: { retryable: false },
  MESSAGE_ID_MALFORMED: { retryable: false },
  HOST_MALFORMED: { retryable: false },
  DELAY_LEVELS_MALFORMED: { retryable: false },
} as const;

/** Codes of this layer's errors. */
export type MessageErrorCode = keyof typeof MESSAGE_ERRORS;

/** Thrown by the message layer; `code` says what, `details` where. */
export class MessageError extends MqError<MessageErrorCode> {
  constructor(code: MessageErrorCode, message: string, details?: ErrorFacts, cause?: unknown) {
    super(MESSAGE_ERRORS, code, message, details, cause);
    this.name = 'MessageError';
  }
}
