import { errorMessage, type Logger } from '../base/index.ts';
import type { ConfigStore } from './config-store.ts';

/**
 * A configuration table's file that may refuse: a full disk must not keep consumers from reading. What could not be
 * written is in force in memory, said in the log, and written by a later `retry`.
 */
export class SavedConfig<T> implements ConfigStore<T> {
  readonly #file: ConfigStore<T>;
  readonly #path: string;
  readonly #logger: Logger;
  #unsaved: { readonly value: T } | undefined;

  constructor(file: ConfigStore<T>, path: string, logger: Logger) {
    this.#file = file;
    this.#path = path;
    this.#logger = logger;
  }

  load(): T | undefined {
    return this.#file.load();
  }

  save(value: T): void {
    try {
      this.#file.save(value);
      this.#unsaved = undefined;
    } catch (error) {
      const isFirst = this.#unsaved === undefined;
      this.#unsaved = { value };
      if (!isFirst) return;
      const facts = { path: this.#path, reason: errorMessage(error) };
      this.#logger.error(facts, 'configuration could not be saved; it is tried again');
    }
  }

  /** Writes what the last `save` could not. */
  retry(): void {
    if (this.#unsaved !== undefined) this.save(this.#unsaved.value);
  }
}
