import { type ErrorFacts, errorMessage, MqError } from '../../base/index.ts';

/** Why a load could not begin. */
export const BENCH_ERRORS = {
  /** Nothing to put under load: no name server, no topic, no broker. */
  NO_TARGET: { retryable: true },
} as const;

/** Thrown before the first request; later a run ends with what it has. */
export class BenchError extends MqError<keyof typeof BENCH_ERRORS> {
  constructor(
    code: keyof typeof BENCH_ERRORS,
    message: string,
    details?: ErrorFacts,
    cause?: unknown,
  ) {
    super(BENCH_ERRORS, code, message, details, cause);
    this.name = 'BenchError';
  }
}

/** A start that failed, as one line. */
export const explainStart = (error: unknown): BenchError =>
  new BenchError('NO_TARGET', `${errorMessage(error)}; is a broker listening there?`, {}, error);
