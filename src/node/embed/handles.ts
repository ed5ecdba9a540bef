import { randomUUID } from 'node:crypto';
import { MappingTable, unmapAll } from '../../storage/index.ts';
import type { RunningRoot } from '../core/root-options.ts';
import { handleUse, isHandleGivenUp, type NodeHandle } from './node-handle.ts';

/** The handles that a node has given out. */
export class Handles {
  readonly #root: RunningRoot;
  readonly #namesrvAddr: string;
  /** Handles are numbered from 1 in every node. */
  readonly #node = randomUUID();
  readonly #mappings = MappingTable.create();
  readonly #given = new Map<number, NodeHandle>();

  constructor(root: RunningRoot, namesrvAddr: string) {
    this.#root = root;
    this.#namesrvAddr = namesrvAddr;
  }

  /**
   * A handle for one more thread. Those that were given up make room.
   * @throws {NodeError} HANDLES_EXCEEDED
   */
  async give(): Promise<NodeHandle> {
    for (const handle of [...this.#given.values()])
      if (isHandleGivenUp(handle)) this.#takeBack(handle.id);
    const rings = await this.#root.attach();
    const handle: NodeHandle = {
      node: this.#node,
      id: rings.id,
      namesrvAddr: this.#namesrvAddr,
      rings,
      logs: this.#root.brokers.map((broker) => ({
        address: broker.address,
        folder: broker.storePathCommitLog,
        segmentBytes: broker.mappedFileSizeCommitLog,
      })),
      mappings: this.#mappings.memory,
      use: handleUse(),
    };
    this.#given.set(handle.id, handle);
    return handle;
  }

  /**
   * Call it after the exit of the handle's thread, never before: it may not touch what it had mapped any more. The handle of
   * another node is left alone.
   */
  release({ node, id }: Pick<NodeHandle, 'node' | 'id'>): void {
    if (node !== this.#node) return;
    this.#takeBack(id);
    unmapAll(this.#mappings, id);
  }

  #takeBack(id: number): void {
    if (this.#given.delete(id)) this.#root.detach(id);
  }
}
