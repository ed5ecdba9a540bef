import { type ErrorFacts, MqError } from '../base/index.ts';

/** Everything storage fails with on purpose, and whether the same call may succeed later. */
const STORAGE_ERRORS = {
  /** The operating system refused a folder or a path in it: rights, a file in the way, a read-only mount. */
  BAD_FOLDER: { retryable: false },
  /** No room for the bytes asked for; space may be freed by retention. */
  DISK_FULL: { retryable: true },
  /** The disk did not take what was written: what it holds is unknown from here on. */
  FLUSH_FAILED: { retryable: false },
  /** Any other failure of a read, a write or a call about a file. */
  IO_FAILED: { retryable: false },
  /** The file that should be there is not. */
  NOT_FOUND: { retryable: false },
  /** Stored bytes are not what was written. */
  RECORD_CORRUPT: { retryable: false },
  /** A file of fixed length has another one. */
  SEGMENT_LENGTH: { retryable: false },
  /** The store was closed or has failed; it takes and gives nothing. */
  STORE_CLOSED: { retryable: false },
  /** Another opener holds the store. */
  STORE_IN_USE: { retryable: true },
} as const;

/** Codes of `StorageError`. */
export type StorageErrorCode = keyof typeof STORAGE_ERRORS;

/** A failure of the store or the disk below it. The message names the path and, where it applies, bytes and setting. */
export class StorageError extends MqError<StorageErrorCode> {
  constructor(code: StorageErrorCode, message: string, details?: ErrorFacts, cause?: unknown) {
    super(STORAGE_ERRORS, code, message, details, cause);
    this.name = 'StorageError';
  }
}
