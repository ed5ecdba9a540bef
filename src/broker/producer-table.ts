import type { Clock } from '../base/index.ts';
import type { Peer } from '../transport/index.ts';
import { CLIENT_EXPIRY_MS } from './broker-limits.ts';
import type { ClientFacts } from './consumer-group-messages.ts';

interface Producer extends ClientFacts {
  seenMs: number;
}

/**
 * The producers that sent a heartbeat, by group.
 * @source rocketmq 4.9.2 broker/client/ProducerManager.java
 */
export class ProducerTable {
  readonly #groups = new Map<string, Map<Peer, Producer>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  register(producerGroup: string, client: ClientFacts): void {
    let members = this.#groups.get(producerGroup);
    if (members === undefined) {
      members = new Map();
      this.#groups.set(producerGroup, members);
    }
    members.set(client.peer, { ...client, seenMs: this.#clock.monotonicMs() });
  }

  unregister(producerGroup: string, peer: Peer): void {
    const members = this.#groups.get(producerGroup);
    if (!members?.delete(peer)) return;
    if (members.size === 0) this.#groups.delete(producerGroup);
  }

  /** Forgets a closed connection in every group. */
  forget(peer: Peer): void {
    for (const group of [...this.#groups.keys()]) this.unregister(group, peer);
  }

  members(producerGroup: string): ClientFacts[] {
    return [...(this.#groups.get(producerGroup)?.values() ?? [])];
  }

  /** Connections whose producer was silent for too long. */
  silent(): Peer[] {
    const oldestMs = this.#clock.monotonicMs() - CLIENT_EXPIRY_MS;
    return [...this.#groups.values()].flatMap((members) =>
      [...members.values()].filter(({ seenMs }) => seenMs < oldestMs).map(({ peer }) => peer),
    );
  }
}
