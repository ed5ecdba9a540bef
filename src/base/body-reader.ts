/** Bytes of a commit log that stay readable until `release`. */
export interface BodyLease {
  /** The bytes are `buffer[start … start + bytes)`. They must not be changed, nor looked at after `release`. */
  readonly buffer: Buffer;
  readonly start: number;
  /** To be called once. */
  release(): void;
}

/** Reads records of a commit log that another thread writes, by their address: what a pull over a ring is answered with. */
export interface BodyReader {
  /**
   * Bytes of the log, where they lie; `undefined` where their segment was deleted, or there is none such.
   * @throws {StorageError} IO_FAILED where the disk refuses
   */
  lease(commitLogOffset: number, bytes: number): BodyLease | undefined;
  /** Copies bytes of the log to `target[at…]`; false where `lease` would give `undefined`. */
  copyTo(commitLogOffset: number, bytes: number, target: Buffer, at: number): boolean;
  /** Forgets what is open: the log's owner was replaced, and may have made segments anew under their old names. */
  refresh(): void;
  /** Closes what is open, each segment once its last lease is released. Nothing can be read from here on. */
  close(): void;
}
