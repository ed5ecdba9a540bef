import type { Network } from '../base/index.ts';
import { createYieldCore } from '../storage/index.ts';
import {
  type RemotingServer,
  RingHub,
  type RingHubOptions,
  type RingPair,
  ringNetwork,
  tcpNetwork,
} from '../transport/index.ts';
import type { ShardRings } from './shard-settings.ts';

/** Takes the connections that come over rings. */
type Adopter = Pick<RemotingServer, 'adopt'>;

/** The rings of one shard: pairs that lead to its server, and the one that leads to the node's name server. */
export class RingHost {
  readonly network: Network;
  readonly #hub: RingHub;
  readonly #pairs = new Set<RingPair>();
  #server: Adopter | undefined;

  constructor(
    { doorbell, spinUs, namesrv }: ShardRings,
    environment: Pick<RingHubOptions, 'clock' | 'scheduler' | 'logger'>,
  ) {
    const { clock, scheduler, logger } = environment;
    // A thread that is told how long to look for work was given a core of its own.
    const yieldCore = spinUs === undefined ? createYieldCore() : undefined;
    this.#hub = new RingHub({
      doorbell,
      clock,
      scheduler,
      logger,
      ...(spinUs === undefined ? {} : { spinUs }),
      ...(yieldCore === undefined ? {} : { yieldCore }),
    });
    const tcp = tcpNetwork();
    this.network =
      namesrv === undefined
        ? tcp
        : ringNetwork(this.#hub, new Map([[namesrv.address, namesrv.pair]]), tcp);
  }

  /** From now on connections go to `server`; those that came before have waited for it. */
  serveBy(server: Adopter): void {
    const isFirst = this.#server === undefined;
    this.#server = server;
    if (isFirst) for (const pair of this.#pairs) this.#serve(pair);
  }

  /** Serves a pair, as soon as there is a server. */
  add(pair: RingPair): void {
    this.#pairs.add(pair);
    if (this.#server !== undefined) this.#serve(pair);
  }

  remove(pair: RingPair): void {
    if (this.#pairs.delete(pair) && this.#server !== undefined) this.#hub.detach(pair);
  }

  close(): void {
    this.#pairs.clear();
    this.#hub.close();
  }

  #serve(pair: RingPair): void {
    this.#hub.serve(pair, (socket) => this.#server?.adopt(socket));
  }
}
