import { type Clock, type Disk, errorMessage, type Logger } from '../base/index.ts';
import { decodeCommand, type RemotingCommand, type RequestView } from '../protocol/index.ts';
import {
  failureAnswer,
  notSupportedAnswer,
  type Peer,
  RateLimitedLog,
} from '../transport/index.ts';
import type { Handler } from './handler.ts';
import { KvConfig, makeParentFolder } from './kv-config.ts';
import { kvHandlers } from './kv-handlers.ts';
import { NameServerSettings, type NameServerSettingValues } from './name-server-settings.ts';
import { registrationHandlers } from './registration-handlers.ts';
import { routeHandlers } from './route-handlers.ts';
import { RouteTable } from './route-table.ts';
import { settingsHandlers } from './settings-handlers.ts';

/** What a name server is made of. */
export interface NameServerOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: NameServerSettingValues;
}

/** First look for expired brokers after the start, and time between two looks. */
export const SCAN_FIRST_MS = 5000;
export const SCAN_PERIOD_MS = 10_000;

/** The name server without its sockets and timers: requests in, answers out. */
export class NameServer {
  readonly table = new RouteTable();
  readonly kv: KvConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #failures: RateLimitedLog;
  readonly #handlers: ReadonlyMap<number, Handler>;
  #requests = 0;

  /** @throws where the key-value configuration is unreadable. */
  constructor(options: NameServerOptions) {
    const { disk, clock, logger } = options;
    const { table } = this;
    this.#clock = clock;
    this.#logger = logger;
    this.#failures = new RateLimitedLog(logger, clock);
    const kv = new KvConfig({ disk, logger, path: options.settings.kvConfigPath });
    this.kv = kv;
    const settings = new NameServerSettings(
      options.settings,
      (path, text) => {
        makeParentFolder(disk, path);
        disk.writeFile(path, Buffer.from(text));
      },
      logger,
    );
    this.#handlers = new Map([
      ...routeHandlers({ table, kv, settings }),
      ...registrationHandlers({ table, kv, clock, logger }),
      ...kvHandlers(kv),
      ...settingsHandlers(settings),
    ]);
  }

  /** Answers one request of `peer`; a request that cannot be served is answered with the reason. */
  onRequest(view: RequestView, peer: Peer): void {
    this.#requests += 1;
    const response = this.answer(view, peer);
    if (!view.isOneway) peer.reply(response, view);
  }

  /** The answer to one request that came on `channel`. */
  answer(view: RequestView, channel: object): RemotingCommand {
    const handler = this.#handlers.get(view.code);
    if (handler === undefined) return notSupportedAnswer(view.code);
    try {
      return handler(decodeCommand(view), channel);
    } catch (error) {
      this.#failures.warn(
        'request',
        { code: view.code, error: errorMessage(error) },
        'request failed',
      );
      return failureAnswer(error);
    }
  }

  /** A connection is gone, and with it the brokers registered on it. */
  onClose(channel: object): void {
    const addresses = this.table.removeChannel(channel);
    if (addresses.length > 0) {
      this.#logger.warn(
        { addresses },
        'the connection of a broker is gone, and so is its registration',
      );
    }
  }

  /** Removes brokers that have not registered for too long; returns the connections to close. */
  scan(): object[] {
    const expired = this.table.expired(this.#clock.monotonicMs());
    for (const { address } of expired) {
      this.#logger.warn(
        { brokerAddr: address },
        'a broker has not registered for 120 s and is removed',
      );
      this.table.removeAddress(address);
    }
    return expired.map(({ channel }) => channel);
  }

  /** Counts, as plain data. */
  inspect(): object {
    const { table } = this;
    return {
      requests: this.#requests,
      clusters: table.clusters.size,
      brokers: table.brokers.size,
      addresses: table.live.size,
      topics: table.topics.size,
      kvEntries: this.kv.size,
    };
  }
}
