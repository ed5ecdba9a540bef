import { BroadcastChannel } from 'node:worker_threads';
import { errorMessage, type Logger } from '../base/index.ts';

// A function cannot be sent to a thread, so the threads of an embedded node send their log records to the thread of the
// application, whose logger writes them. A record that was sent is not lost when its thread dies.

/** What is needed of an application's logger; pino's has it. */
export interface NodeLogger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/** Records to the thread that receives them: plain data. */
export interface ChannelLog {
  /** Name of the channel, one of its own for each node. */
  readonly channel: string;
  readonly level: Level;
  /** Records that are under way, int32. */
  readonly backlog: SharedArrayBuffer;
}

interface LogRecord {
  readonly level: Level;
  readonly facts: object;
  readonly message: string;
}

/** Records under way at once, to a thread that may be blocked; further ones are dropped. */
export const LOG_RECORDS_MAX = 10_000;

const ranked = (level: string): number => (LEVELS as readonly string[]).indexOf(level);

/** A logger whose records are written by the receiver of `options.channel`. */
export const createChannelLogger = (options: ChannelLog, bindings: object): Logger => {
  const channel = new BroadcastChannel(options.channel);
  channel.unref();
  return channelLogger(channel, options, bindings);
};

const channelLogger = (
  channel: BroadcastChannel,
  options: ChannelLog,
  bindings: object,
): Logger => {
  const backlog = new Int32Array(options.backlog);
  const write = (level: Level, facts: object, message: string): void => {
    if (ranked(level) < ranked(options.level)) return;
    if (Atomics.add(backlog, 0, 1) >= LOG_RECORDS_MAX) {
      Atomics.sub(backlog, 0, 1);
      return;
    }
    send(channel, { level, facts: { ...bindings, ...facts }, message });
  };
  return {
    debug: (facts, message) => write('debug', facts, message),
    info: (facts, message) => write('info', facts, message),
    warn: (facts, message) => write('warn', facts, message),
    error: (facts, message) => write('error', facts, message),
    child: (more) => channelLogger(channel, options, { ...bindings, ...more }),
  };
};

const send = (channel: BroadcastChannel, record: LogRecord): void => {
  try {
    channel.postMessage(record);
  } catch {
    // Facts that cannot be copied, such as a function, are told in words.
    const words = Object.entries(record.facts).map(([name, fact]) => [name, errorMessage(fact)]);
    channel.postMessage({ ...record, facts: Object.fromEntries(words) });
  }
};

/** Hands the records of a node's threads to a logger of this thread. */
export class LogReceiver {
  /** For `createLogger` of the threads. */
  readonly options: ChannelLog;
  readonly #channel: BroadcastChannel;

  constructor(name: string, level: Level, logger: NodeLogger) {
    this.options = { channel: name, level, backlog: new SharedArrayBuffer(4) };
    const backlog = new Int32Array(this.options.backlog);
    this.#channel = new BroadcastChannel(name);
    this.#channel.unref();
    this.#channel.onmessage = (event: unknown) => {
      Atomics.sub(backlog, 0, 1);
      const { level: at, facts, message } = (event as { readonly data: LogRecord }).data;
      logger[at](facts, message);
    };
  }

  close(): void {
    this.#channel.close();
  }
}
