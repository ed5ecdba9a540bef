import { type Disk, errorMessage, type Logger } from '../base/index.ts';

/** How a file's value is written and read; `parse` throws on text it cannot read. */
export interface ConfigCodec<T> {
  parse(text: string): T;
  format(value: T): string;
}

/**
 * One of `config/*.json`: written aside and renamed, the version before is kept as `.bak`, which is read where the file
 * is missing, empty or unreadable.
 * @source rocketmq 4.9.2 common/ConfigManager.java, MixAll.java string2File
 */
export class ConfigFile<T> {
  readonly path: string;
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #codec: ConfigCodec<T>;

  constructor(disk: Disk, logger: Logger, path: string, codec: ConfigCodec<T>) {
    this.path = path;
    this.#disk = disk;
    this.#logger = logger;
    this.#codec = codec;
  }

  /**
   * The stored value; `undefined` where neither file nor backup exists.
   * @throws what `parse` threw, when file and backup are unreadable: a broker must not start without its topics.
   */
  load(): T | undefined {
    const text = this.#text(this.path);
    if (text === undefined) return this.#loadBackup(undefined);
    try {
      return this.#codec.parse(text);
    } catch (error) {
      this.#logger.warn(
        { path: this.path, reason: errorMessage(error) },
        'a configuration file cannot be read; its backup is used',
      );
      return this.#loadBackup(error);
    }
  }

  /** Replaces the file; a crash leaves the old or the new value. */
  save(value: T): void {
    const temporary = `${this.path}.tmp`;
    this.#disk.writeFile(temporary, Buffer.from(this.#codec.format(value)));
    const previous = this.#disk.readFile(this.path);
    if (previous !== undefined) this.#disk.writeFile(`${this.path}.bak`, previous);
    this.#disk.rename(temporary, this.path);
  }

  #loadBackup(failure: unknown): T | undefined {
    const text = this.#text(`${this.path}.bak`);
    if (text !== undefined) return this.#codec.parse(text);
    if (failure !== undefined) throw failure;
    return undefined;
  }

  #text(path: string): string | undefined {
    const bytes = this.#disk.readFile(path);
    return bytes === undefined || bytes.length === 0 ? undefined : bytes.toString('utf8');
  }
}
