import { isatty } from 'node:tty';
import pino from 'pino';
import pretty from 'pino-pretty';
import type { Logger } from '../base/index.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Least important level that is written. */
export type LogLevel = (typeof LEVELS)[number];

/** Plain data, so that it can be handed to another thread. */
export interface LogOptions {
  /** Descriptor to write to: a worker's console would wait for its parent's event loop. */
  readonly fd: number;
  readonly level: LogLevel;
  /** For a person's eyes; otherwise one JSON object a line. */
  readonly isPretty: boolean;
}

/** Options from the environment: `LOG_LEVEL`, readable text on a terminal, JSON elsewhere. An unknown level is `info`. */
export const readLogOptions = (
  fd: number,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LogOptions => {
  const wanted = environment['LOG_LEVEL']?.toLowerCase();
  return { fd, level: LEVELS.find((level) => level === wanted) ?? 'info', isPretty: isatty(fd) };
};

/**
 * A logger of this thread. Lines are written synchronously, so that the last words before a crash are not lost.
 * @param bindings facts added to each line, such as the thread's name.
 */
export const createLogger = (options: LogOptions, bindings: object = {}): Logger => {
  const destination = pino.destination({ fd: options.fd, sync: true });
  // A reader that went away (a closed pipe) must not end the broker.
  destination.on('error', () => undefined);
  const stream = options.isPretty
    ? pretty({
        destination,
        sync: true,
        colorize: true,
        translateTime: 'SYS:HH:MM:ss.l',
        ignore: 'pid,hostname',
      })
    : destination;
  return pino({ level: options.level, base: bindings }, stream);
};
