import { type Disk, type Logger, MqError } from '../base/index.ts';
import { ConfigFile } from '../storage/index.ts';

/** The namespace whose entries tell clients the queues of ordered topics. */
export const ORDER_TOPIC_NAMESPACE = 'ORDER_TOPIC_CONFIG';
/** Most entries over all namespaces. */
export const KV_ENTRIES_MAX = 100_000;
/** Longest namespace, key and value, in UTF-16 units. */
export const KV_NAME_LENGTH_MAX = 1024;
export const KV_VALUE_LENGTH_MAX = 64 * 1024;

const KV_ERRORS = {
  /** A namespace, key or value is absent or too long. */
  KV_INVALID: { retryable: false },
  /** The table is full. */
  KV_FULL: { retryable: false },
  /** The file is no key-value configuration. */
  KV_FILE_INVALID: { retryable: false },
} as const;

/** The key-value configuration refuses something. */
export class KvConfigError extends MqError<keyof typeof KV_ERRORS> {
  constructor(code: keyof typeof KV_ERRORS, message: string) {
    super(KV_ERRORS, code, message);
    this.name = 'KvConfigError';
  }
}

type Table = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** What the key-value configuration is made of. */
export interface KvConfigOptions {
  readonly disk: Disk;
  readonly logger: Logger;
  readonly path: string;
}

/**
 * Key-value pairs by namespace, the one thing a name server keeps over a restart. K1: what a call has stored is on disk
 * when it returns; where that fails it throws, and the table is as before.
 *
 * **Shape** of the file: `{"configTable":{"<namespace>":{"<key>":"<value>"}}}`.
 * @source rocketmq 4.9.2 namesrv/kvconfig/KVConfigManager.java
 */
export class KvConfig {
  readonly #file: ConfigFile<Table>;
  #table: Table;

  /** @throws where the file and its backup are unreadable. */
  constructor(options: KvConfigOptions) {
    makeParentFolder(options.disk, options.path);
    this.#file = new ConfigFile(options.disk, options.logger, options.path, { parse, format });
    this.#table = this.#file.load() ?? new Map();
  }

  /** Entries over all namespaces. */
  get size(): number {
    let size = 0;
    for (const entries of this.#table.values()) size += entries.size;
    return size;
  }

  get(namespace: string, key: string): string | undefined {
    return this.#table.get(namespace)?.get(key);
  }

  /** A namespace's entries; `undefined` where nothing was ever put into it. */
  list(namespace: string): ReadonlyMap<string, string> | undefined {
    return this.#table.get(namespace);
  }

  /** @throws {KvConfigError} KV_INVALID, KV_FULL */
  put(namespace: string, key: string, value: string): void {
    checkName('namespace', namespace);
    checkName('key', key);
    if (value.length > KV_VALUE_LENGTH_MAX) throw invalid('value', KV_VALUE_LENGTH_MAX);
    const entries = new Map(this.#table.get(namespace));
    if (!entries.has(key) && this.size >= KV_ENTRIES_MAX) {
      throw new KvConfigError('KV_FULL', `there are ${KV_ENTRIES_MAX} entries already`);
    }
    entries.set(key, value);
    this.#store(namespace, entries);
  }

  /** Removes an entry; a missing one is fine. */
  delete(namespace: string, key: string): void {
    const entries = new Map(this.#table.get(namespace));
    if (entries.delete(key)) this.#store(namespace, entries);
  }

  #store(namespace: string, entries: ReadonlyMap<string, string>): void {
    const table = new Map(this.#table).set(namespace, entries);
    this.#file.save(table); // K1
    this.#table = table;
  }
}

/** Makes the folder a file is to be in. */
export function makeParentFolder(disk: Disk, path: string): void {
  const folder = path.replace(/[/\\][^/\\]*$/, '');
  if (folder !== '' && folder !== path) disk.makeFolder(folder);
}

function checkName(what: string, text: string): void {
  if (text === '' || text.length > KV_NAME_LENGTH_MAX) throw invalid(what, KV_NAME_LENGTH_MAX);
}

function invalid(what: string, lengthMax: number): KvConfigError {
  return new KvConfigError('KV_INVALID', `the ${what} is empty or longer than ${lengthMax}`);
}

/** Maps keep the order of arrival, and names such as `__proto__` are names like any other. */
function format(table: Table): string {
  const object = (entries: readonly string[]): string => `{${entries.join(',')}}`;
  const namespaces = [...table].map(([namespace, entries]) => {
    const pairs = [...entries].map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    return `${JSON.stringify(namespace)}:${object(pairs)}`;
  });
  return `{"configTable":${object(namespaces)}}`;
}

function parse(text: string): Table {
  const root: unknown = JSON.parse(text);
  const table = isObject(root) ? (root['configTable'] ?? {}) : undefined;
  if (!isObject(table)) throw new KvConfigError('KV_FILE_INVALID', 'there is no configTable in it');
  return new Map(
    Object.entries(table).map(([namespace, entries]) => [
      namespace,
      new Map(Object.entries(isObject(entries) ? entries : {}).map(([k, v]) => [k, String(v)])),
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
