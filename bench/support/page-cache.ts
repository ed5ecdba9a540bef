import { closeSync, ftruncateSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const STEP_BYTES = 256 * 1024 * 1024;
/** A step that takes less than this off the free memory: the kernel takes pages back as fast as new ones come. */
const STILL_FREE_KIB = 64 * 1024;
/** Far more than memory: what is read again has long been taken back. */
const FILE_BYTES = 2 ** 40;

const memory = (name: string): number =>
  Number(readFileSync('/proc/meminfo', 'latin1').match(`${name}: *(\\d+)`)?.[1]);

/**
 * Keeps free memory in use, as it is on a machine that has been up for a while: by pages of the kernel's cache that nobody
 * needs, so that a new page of a log is one that the kernel takes back. A virtual machine may have given its free memory
 * to its host; each page of it would have to be asked for again while a server is measured. Linux only.
 */
export class PageCache {
  readonly #file: number;
  readonly #chunk = Buffer.alloc(4 * 1024 * 1024);
  #at = 0;

  /** Makes a file without blocks and without a name on the disk of `folder`: it is gone with this process. */
  constructor(folder: string) {
    const path = join(folder, `saturnmq-holes-${process.pid}`);
    this.#file = openSync(path, 'wx+');
    rmSync(path);
    ftruncateSync(this.#file, FILE_BYTES);
  }

  /**
   * Reads until no free memory is left, or `limitBytes`; gives the bytes it read. Takes minutes where a host has to give
   * much of it.
   */
  fill(limitBytes = memory('MemTotal') * 1024): number {
    let bytes = 0;
    let beforeKib: number;
    do {
      beforeKib = memory('MemFree');
      for (const stepEnd = bytes + STEP_BYTES; bytes < stepEnd; ) bytes += this.#read();
    } while (beforeKib - memory('MemFree') > STILL_FREE_KIB && bytes < limitBytes);
    return bytes;
  }

  /** Gives the memory back. */
  close(): void {
    closeSync(this.#file);
  }

  #read(): number {
    const bytes = readSync(this.#file, this.#chunk, { position: this.#at });
    this.#at = (this.#at + bytes) % FILE_BYTES;
    return bytes;
  }
}
