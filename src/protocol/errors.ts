import { type ErrorFacts, MqError } from '../base/index.ts';

/** What can be wrong with bytes of the remoting protocol. The same bytes stay wrong: none of it is worth a retry. */
export const PROTOCOL_ERRORS = {
  /** The header is neither JSON nor ROCKETMQ binary, or its lengths do not fit. The connection is of no more use. */
  HEADER_MALFORMED: { retryable: false },
  /** A required header field is absent. */
  FIELD_MISSING: { retryable: false },
  /** A header field's text is not of its type. */
  FIELD_INVALID: { retryable: false },
  /** Text that not even a lenient reader takes for JSON, or that exceeds its limits. */
  JSON_MALFORMED: { retryable: false },
  /** Well-formed JSON (or binary) that is not the body the code asks for. */
  BODY_INVALID: { retryable: false },
  /** A compressed body that grows beyond its limit. */
  BODY_TOO_LARGE: { retryable: false },
  /** A command that does not fit into one frame. */
  FRAME_TOO_LONG: { retryable: false },
} as const;

/** Codes of this layer's errors. */
export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/** Thrown by the protocol layer; `code` says what, `details` where. */
export class ProtocolError extends MqError<ProtocolErrorCode> {
  constructor(code: ProtocolErrorCode, message: string, details?: ErrorFacts, cause?: unknown) {
    super(PROTOCOL_ERRORS, code, message, details, cause);
    this.name = 'ProtocolError';
  }
}
