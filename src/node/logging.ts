import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import type pinoModule from 'pino';
import type prettyModule from 'pino-pretty';
import type { Logger } from '../base/index.ts';
import { type ChannelLog, createChannelLogger } from './log-channel.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Least important level that is written. */
export type LogLevel = (typeof LEVELS)[number];

/** How a thread logs: plain data, so that it can be handed to another thread. */
export type LogOptions = DescriptorLog | ChannelLog;

/** Lines to a descriptor. */
export interface DescriptorLog {
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
): DescriptorLog => {
  const wanted = environment['LOG_LEVEL']?.toLowerCase();
  return { fd, level: LEVELS.find((level) => level === wanted) ?? 'info', isPretty: isatty(fd) };
};

/** Loaded where they are used: a program that embeds a node and has a logger of its own needs neither. */
const require = createRequire(import.meta.url);

/**
 * A logger of this thread. Lines are written synchronously, so that the last words before a crash are not lost.
 * @param bindings facts added to each line, such as the thread's name.
 */
export const createLogger = (options: LogOptions, bindings: object = {}): Logger =>
  'channel' in options
    ? createChannelLogger(options, bindings)
    : createDescriptorLogger(options, bindings);

const createDescriptorLogger = (options: DescriptorLog, bindings: object): Logger => {
  const pino: typeof pinoModule = require('pino');
  const destination = pino.destination({ fd: options.fd, sync: true });
  // A reader that went away (a closed pipe) must not end the broker.
  destination.on('error', () => undefined);
  const stream = options.isPretty ? prettyStream(destination) : destination;
  return pino({ level: options.level, base: bindings }, stream);
};

const prettyStream = (
  destination: ReturnType<typeof pinoModule.destination>,
): prettyModule.PrettyStream => {
  const pretty: typeof prettyModule = require('pino-pretty');
  return pretty({
    destination,
    sync: true,
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
  });
};
