import type { Scheduler } from '../base/index.ts';
import type { Peer } from './peer.ts';

/** Peers written to outside their own read event: all are flushed once, at the end of the turn. */
export class FlushQueue {
  readonly #scheduler: Scheduler;
  #peers: Peer[] = [];
  #spare: Peer[] = [];
  #isScheduled = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Adds a peer once; it says itself when it has left. */
  add(peer: Peer): void {
    // hot path
    this.#peers.push(peer);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#scheduler.defer(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    this.#isScheduled = false;
    const peers = this.#peers;
    this.#peers = this.#spare;
    for (const peer of peers) peer.flush();
    peers.length = 0;
    this.#spare = peers;
  };
}
