/** Where one configuration table lives: `load` at start, `save` after each change. */
export interface ConfigStore<T> {
  /** `undefined` where nothing was saved yet. */
  load(): T | undefined;
  save(value: T): void;
}
