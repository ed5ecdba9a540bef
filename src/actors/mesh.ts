import { createRing, Doorbell } from '../ring/index.ts';
import { type LinkMemory, Presence } from './links.ts';

/** One thread as the mesh sees it. */
export interface Endpoint {
  readonly name: string;
  readonly doorbell: SharedArrayBuffer;
  readonly presence: SharedArrayBuffer;
  connect(link: LinkMemory): void;
  disconnect(shard: string): void;
}

/** New shared memory of one thread: never that of a dead one, which may be in any state. */
export const threadMemory = (): Pick<Endpoint, 'doorbell' | 'presence'> => ({
  doorbell: Doorbell.memory(),
  presence: Presence.memory(),
});

/** Keeps a pair of rings between any two living threads. */
export class Mesh {
  readonly #ringBytes: number;
  readonly #endpoints = new Map<string, Endpoint>();

  constructor(ringBytes: number) {
    this.#ringBytes = ringBytes;
  }

  /** Adds a thread: the others are connected now, and what it must connect to itself is returned. */
  add(newcomer: Endpoint): LinkMemory[] {
    const links = [...this.#endpoints.values()].map((other): LinkMemory => {
      const there = createRing(this.#ringBytes);
      const back = createRing(this.#ringBytes);
      const { name: shard, doorbell, presence } = newcomer;
      other.connect({ shard, doorbell, presence, outgoing: back, incoming: there });
      return {
        shard: other.name,
        doorbell: other.doorbell,
        presence: other.presence,
        outgoing: there,
        incoming: back,
      };
    });
    this.#endpoints.set(newcomer.name, newcomer);
    return links;
  }

  /** Takes a dead thread out: from now on tells to it fail, and questions it was asked end. */
  remove(name: string): void {
    const gone = this.#endpoints.get(name);
    if (gone === undefined) return;
    this.#endpoints.delete(name);
    new Presence(gone.presence).set(false);
    for (const other of this.#endpoints.values()) other.disconnect(name);
  }
}
