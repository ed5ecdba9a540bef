import { MqError } from '../base/index.ts';

/** What a command line can get wrong. */
export const CLI_ERRORS = {
  /** Unknown command or option, missing or malformed value. */
  USAGE: { retryable: false },
} as const;

/** An error of the command line; its message is one line that names the remedy. */
export class CliError extends MqError<keyof typeof CLI_ERRORS> {
  constructor(message: string) {
    super(CLI_ERRORS, 'USAGE', message);
    this.name = 'CliError';
  }
}
