import { LEASES_MAX } from './broker-limits.ts';

/** Time after which a lease that was not renewed may be taken by another client (RocketMQ's lockMaxLiveTime). */
export const LEASE_MS = 60_000;

interface Holder {
  readonly clientId: string;
  readonly renewedMs: number;
}

/**
 * Who may consume a queue in order, one holder per consumer group.
 * @source rocketmq 4.9.2 broker/client/rebalance/RebalanceLockManager.java
 */
export class QueueLease {
  readonly #holders = new Map<string, Holder>();

  /** Takes or renews the lease. False while another client holds it and renewed it within `LEASE_MS`. */
  acquire(consumerGroup: string, clientId: string, nowMs: number): boolean {
    const holder = this.#holders.get(consumerGroup);
    const isFree =
      holder === undefined
        ? this.#hasRoom(nowMs)
        : holder.clientId === clientId || nowMs - holder.renewedMs > LEASE_MS;
    if (isFree) this.#holders.set(consumerGroup, { clientId, renewedMs: nowMs });
    return isFree;
  }

  /** Gives the lease back; another client's stays. */
  release(consumerGroup: string, clientId: string): void {
    if (this.#holders.get(consumerGroup)?.clientId === clientId)
      this.#holders.delete(consumerGroup);
  }

  /** Gives back every lease of a client that is gone. */
  releaseAll(clientId: string): void {
    for (const [group, holder] of this.#holders) {
      if (holder.clientId === clientId) this.#holders.delete(group);
    }
  }

  /** Groups that went away without a word make room for new ones. */
  #hasRoom(nowMs: number): boolean {
    if (this.#holders.size < LEASES_MAX) return true;
    for (const [group, { renewedMs }] of this.#holders) {
      if (nowMs - renewedMs > LEASE_MS) this.#holders.delete(group);
    }
    return this.#holders.size < LEASES_MAX;
  }
}
