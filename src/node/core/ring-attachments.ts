import type { ActorSystem } from '../../actors/index.ts';
import { Doorbell } from '../../ring/index.ts';
import {
  createRingPair,
  markClientGone,
  markServerGone,
  type RingPair,
} from '../../transport/index.ts';
import { NodeError } from '../node-error.ts';
import {
  detachedWord,
  markDetached,
  RING_PAIR_ACTOR,
  type RingPairConfig,
  type RingPairMessage,
} from '../ring-pair.actor.ts';
import type { ShardRings } from '../shard-settings.ts';
import type { ServerFacts, ThreadRings } from './root-options.ts';

/** Threads that may speak to one node through rings. */
export const ATTACHMENTS_MAX = 256;

interface Attachment {
  readonly id: number;
  /** By the shard that serves them. */
  readonly pairs: ReadonlyMap<string, RingPair>;
  readonly detached: SharedArrayBuffer;
}

/**
 * The rings between a node's servers and the threads of its application, one pair for each two of them. They belong to
 * the root: a thread that takes a dead one's place goes on with the same memory.
 */
export class RingAttachments {
  readonly #system: ActorSystem;
  readonly #doorbells = new Map<string, SharedArrayBuffer>();
  readonly #attachments = new Map<number, Attachment>();
  /** Between two shards of the node, by the one that connects: a broker to its name server, an I/O shard to its broker. */
  readonly #inner = new Map<string, { readonly server: string; readonly pair: RingPair }>();
  #lastId = 0;

  constructor(system: ActorSystem) {
    this.#system = system;
  }

  /** For the settings of a shard: its doorbell. */
  ringsOf(shard: string): ShardRings {
    return { doorbell: this.#doorbellOf(shard) };
  }

  /** A pair by which shard `shard` connects to shard `server`. */
  pairBetween(shard: string, server: string): RingPair {
    const pair = createRingPair({
      serverDoorbell: this.#doorbellOf(server),
      clientDoorbell: this.#doorbellOf(shard),
    });
    this.#inner.set(shard, { server, pair });
    return pair;
  }

  /** The servers' sides of these: to be called once their shards are known to the system. */
  async servePairs(): Promise<void> {
    await Promise.all(
      [...this.#inner].map(([shard, { server, pair }]) =>
        this.#serve(server, `rings-${shard}`, { pair }),
      ),
    );
  }

  /**
   * Makes the rings of one more thread.
   * @throws {NodeError} HANDLES_EXCEEDED
   */
  async attach(servers: readonly ServerFacts[]): Promise<ThreadRings> {
    if (this.#attachments.size >= ATTACHMENTS_MAX) {
      const remedy = 'close the nodes of threads that ended, or release their handles';
      throw new NodeError(
        'HANDLES_EXCEEDED',
        `${ATTACHMENTS_MAX} threads are connected to this node; ${remedy}`,
        { max: ATTACHMENTS_MAX },
      );
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const doorbell = Doorbell.memory();
    const pairs = new Map(
      servers.map(({ shard }) => [
        shard,
        createRingPair({ serverDoorbell: this.#doorbellOf(shard), clientDoorbell: doorbell }),
      ]),
    );
    const detached = detachedWord();
    this.#attachments.set(id, { id, pairs, detached });
    await Promise.all(
      [...pairs].map(([shard, pair]) => this.#serve(shard, actorId(id), { pair, detached })),
    );
    const byAddress = servers.flatMap(({ shard, address }) => {
      const pair = pairs.get(shard);
      return pair === undefined ? [] : [{ address, pair }];
    });
    return { id, doorbell, pairs: byAddress };
  }

  /** Takes back what a thread was given that is gone, or does not use it any more. */
  detach(id: number): void {
    const attachment = this.#attachments.get(id);
    if (attachment === undefined) return;
    this.#attachments.delete(id);
    markDetached(attachment.detached); // Before anybody is told: a thread that is starting hears nothing.
    for (const [shard, pair] of attachment.pairs) {
      markClientGone(pair);
      this.#system.forgetRoot(shard, actorId(id));
      this.#system.ref<RingPairMessage>(shard, actorId(id)).tell({ kind: 'detach' });
    }
  }

  /** Says at the other end of its rings that a shard's thread is gone; `isFinal` where none follows. */
  shardGone(shard: string, isFinal: boolean): void {
    for (const { pairs } of this.#attachments.values()) {
      const pair = pairs.get(shard);
      if (pair !== undefined) markServerGone(pair, isFinal);
    }
    for (const [client, { server, pair }] of this.#inner) {
      if (server === shard) markServerGone(pair, isFinal);
      if (client === shard) markClientGone(pair);
    }
  }

  #serve(shard: string, id: string, config: RingPairConfig): Promise<void> {
    return this.#system.keepRoot(shard, {
      id,
      actor: RING_PAIR_ACTOR,
      config,
      // Told to detach it ends for good; after a failure it serves again.
      restart: 'transient',
    });
  }

  #doorbellOf(shard: string): SharedArrayBuffer {
    let doorbell = this.#doorbells.get(shard);
    if (doorbell === undefined) {
      doorbell = Doorbell.memory();
      this.#doorbells.set(shard, doorbell);
    }
    return doorbell;
  }
}

const actorId = (id: number): string => `rings-${id}`;
