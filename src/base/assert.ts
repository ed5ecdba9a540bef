/** Thrown by a broken invariant: a bug in this program, never bad input. The supervisor decides what restarts. */
export class AssertionError extends Error {
  readonly code = 'ASSERTION';
  constructor(message: string) {
    super(message);
    this.name = 'AssertionError';
  }
}

/**
 * States what must hold here.
 * @throws {AssertionError} when `condition` is false.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Ends an exhaustive switch: a new variant is a compile error here, and a bug when it arrives at run time. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected variant: ${JSON.stringify(value)}`);
}
