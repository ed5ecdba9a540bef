/** Plain data about an error: it must survive a structured clone between threads. */
export type ErrorFacts = Readonly<
  Record<string, string | number | boolean | undefined | readonly (string | number)[]>
>;

/** One layer's table of error codes; `retryable` says whether the same call may succeed later. */
export type ErrorTable = Readonly<Record<string, { readonly retryable: boolean }>>;

/**
 * Base of every error this package throws on purpose. Match on `code`: an error that crossed a thread is a plain
 * `Error` with these own properties.
 */
export abstract class MqError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;
  readonly details: ErrorFacts;

  constructor(
    table: Readonly<Record<Code, { readonly retryable: boolean }>>,
    code: Code,
    message: string,
    details: ErrorFacts = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = table[code].retryable;
    this.details = details;
  }
}

/** The `code` of anything thrown, or `undefined` where it carries none. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A readable sentence for anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
