import { errorMessage, type Logger } from '../base/index.ts';
import { formatPropertiesText, parsePropertiesText } from './properties-text.ts';

/** A value of a setting. */
export type SettingValue = string | number | boolean;

/** The settings of a name server: RocketMQ's keys, with these three acted on. */
export interface NameServerSettingValues {
  readonly kvConfigPath: string;
  /** File that changes made at run time are saved to. */
  readonly configStorePath: string;
  readonly orderMessageEnable: boolean;
  readonly [key: string]: SettingValue;
}

/** Keys that name files or folders: a request from the network must not choose where this process writes. */
const NOT_CHANGEABLE: ReadonlySet<string> = new Set([
  'rocketmqHome',
  'kvConfigPath',
  'configStorePath',
]);

/** What became of an update. */
export type SettingsUpdate = 'updated' | 'forbidden';

/** Settings that may be read and changed while the name server runs. */
export class NameServerSettings {
  readonly #values: Map<string, SettingValue>;
  readonly #save: (path: string, text: string) => void;
  readonly #logger: Logger;

  /** `save` stores a changed configuration; where it throws the change still holds until the next start. */
  constructor(
    values: NameServerSettingValues,
    save: (path: string, text: string) => void,
    logger: Logger,
  ) {
    this.#values = new Map(Object.entries(values));
    this.#save = save;
    this.#logger = logger;
  }

  get orderMessageEnable(): boolean {
    return this.#values.get('orderMessageEnable') === true;
  }

  /** All settings as properties text. */
  text(): string {
    return formatPropertiesText(this.#values);
  }

  /**
   * Takes `key=value` text: known keys change where the text is of their type, the rest is ignored as in RocketMQ. Where
   * one key must not be changed nothing is.
   */
  update(text: string): SettingsUpdate {
    const changes = parsePropertiesText(text);
    if ([...changes.keys()].some((key) => NOT_CHANGEABLE.has(key))) return 'forbidden';
    for (const [key, source] of changes) {
      const value = convert(this.#values.get(key), source);
      if (value !== undefined) this.#values.set(key, value);
    }
    this.#persist();
    return 'updated';
  }

  #persist(): void {
    const path = String(this.#values.get('configStorePath') ?? '');
    try {
      this.#save(path, this.text());
    } catch (error) {
      this.#logger.error({ path, error: errorMessage(error) }, 'the settings could not be saved');
    }
  }
}

/** The text as a value of the type a setting has; `undefined` for an unknown setting or text of another type. */
function convert(present: SettingValue | undefined, source: string): SettingValue | undefined {
  switch (typeof present) {
    case 'string':
      return source;
    case 'boolean':
      return source.toLowerCase() === 'true';
    case 'number':
      return /^[+-]?\d{1,15}$/.test(source) ? Number(source) : undefined;
    default:
      return undefined;
  }
}
