import type { Disk, DiskFile } from '../base/index.ts';

/**
 * The empty file `abort`: there from an open store's first durable act to its orderly close. Found at the start, it says
 * that the store was not closed.
 * @source rocketmq 4.9.2 store/DefaultMessageStore.java createTempFile
 */
export class AbortMarker {
  /** Whether the marker was there already: the last owner did not close the store. */
  readonly wasThere: boolean;
  readonly #disk: Disk;
  readonly #path: string;
  #file: DiskFile | undefined;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
    this.wasThere = disk.stat(path) !== undefined;
  }

  /** Creates the marker; `done` once a power cut can no longer take it away. */
  create(done: (error?: Error) => void): void {
    const file = this.#disk.openFile(this.#path, { create: true, bytes: 0 });
    this.#file = file;
    file.sync((error) => {
      this.#close();
      done(error);
    });
  }

  remove(): void {
    this.#close();
    this.#disk.remove(this.#path);
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
