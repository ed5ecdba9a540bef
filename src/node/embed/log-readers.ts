import { type BodyReader, silentLogger, systemClock, systemScheduler } from '../../base/index.ts';
import { createBodyReader, createDisk, MappingTable } from '../../storage/index.ts';
import type { NodeHandle } from './node-handle.ts';

/** This thread's readers of the node's commit logs, made when a consumer needs one. */
export class LogReaders {
  readonly #handle: NodeHandle;
  readonly #readers = new Map<string, BodyReader>();

  constructor(handle: NodeHandle) {
    this.#handle = handle;
  }

  /** The reader of the log of the broker at `address`; `undefined` where it is none of this node's. */
  of(address: string): BodyReader | undefined {
    const found = this.#readers.get(address);
    if (found !== undefined) return found;
    const log = this.#handle.logs.find((facts) => facts.address === address);
    if (log === undefined) return undefined;
    const { id, mappings } = this.#handle;
    const environment = { clock: systemClock, scheduler: systemScheduler };
    const disk = createDisk({
      scheduler: systemScheduler,
      logger: silentLogger,
      mappings: { table: new MappingTable(mappings), shard: id },
    });
    const { folder, segmentBytes } = log;
    const reader = createBodyReader({ ...environment, disk, folder, segmentBytes });
    this.#readers.set(address, reader);
    return reader;
  }

  /** The broker's thread was replaced. */
  refresh(address: string): void {
    this.#readers.get(address)?.refresh();
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }
}
