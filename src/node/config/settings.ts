import { BROKER_CONFIG } from './broker-config.ts';
import { LATER_KEYS } from './later-keys.ts';
import type { MachineFacts } from './machine-facts.ts';
import { MESSAGE_STORE_CONFIG } from './message-store-config.ts';
import { NAMESRV_CONFIG } from './namesrv-config.ts';
import { nearestName } from './nearest-name.ts';
import { NETTY_CLIENT_CONFIG, NETTY_SERVER_CONFIG, OTHER_KEYS } from './netty-config.ts';
import { parseValue } from './parse-value.ts';
import type { PropertyEntry } from './properties-file.ts';
import type { Property, PropertyTable, PropertyValue, ValuesOf } from './property.ts';
import { brokerIpProblem, parseNamesrvAddresses } from './validate-address.ts';

/** The configuration objects of each command, in the order `-p` prints them. */
export const CONFIG_OBJECTS = {
  broker: {
    BrokerConfig: BROKER_CONFIG,
    NettyServerConfig: NETTY_SERVER_CONFIG,
    NettyClientConfig: NETTY_CLIENT_CONFIG,
    MessageStoreConfig: MESSAGE_STORE_CONFIG,
  },
  namesrv: { NamesrvConfig: NAMESRV_CONFIG, NettyServerConfig: NETTY_SERVER_CONFIG },
} as const;

/** Every key of a broker with its value. */
export type BrokerSettings = ValuesOf<
  typeof BROKER_CONFIG &
    typeof NETTY_SERVER_CONFIG &
    typeof NETTY_CLIENT_CONFIG &
    typeof MESSAGE_STORE_CONFIG
>;

/** Every key of a name server with its value. */
export type NamesrvSettings = ValuesOf<typeof NAMESRV_CONFIG & typeof NETTY_SERVER_CONFIG>;

/** Where settings come from; each step overrides the one before it. */
export interface SettingsSource<S> {
  readonly facts: MachineFacts;
  /** Other defaults than RocketMQ's. */
  readonly defaults?: Partial<S>;
  readonly entries?: readonly PropertyEntry[];
  /** From the command line. */
  readonly overrides?: Partial<S>;
}

/** Settings and what is to be said about them. */
export interface LoadedSettings<S> {
  readonly settings: S;
  /** One sentence each, to be said once at the start. */
  readonly warnings: readonly string[];
  /** Why the node must not start, one sentence each; empty where it may. */
  readonly refusals: readonly string[];
}

interface Reading {
  readonly values: Record<string, PropertyValue>;
  /** Where a key was set, for messages. */
  readonly places: Map<string, string>;
  readonly warnings: string[];
  readonly refusals: string[];
}

const unknownKey = ({ key, place }: PropertyEntry, table: PropertyTable): string => {
  const known = { ...BROKER_CONFIG, ...MESSAGE_STORE_CONFIG, ...NAMESRV_CONFIG };
  if (LATER_KEYS.has(key)) return `${place}: ${key} is a key of RocketMQ 5 and has no effect`;
  if (Object.hasOwn(known, key))
    return `${place}: ${key} is a key of the other server and has no effect here`;
  const nearest = nearestName(key, Object.keys(table));
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `${place}: unknown key ${JSON.stringify(key)} is ignored${hint}`;
};

const readEntry = (entry: PropertyEntry, table: PropertyTable, reading: Reading): void => {
  const property = Object.hasOwn(table, entry.key) ? table[entry.key] : undefined;
  if (property === undefined) {
    reading.warnings.push(unknownKey(entry, table));
    return;
  }
  const { value, problem, isFatal } = parseValue(property, entry.value);
  if (isFatal) reading.refusals.push(`${entry.place}: ${entry.key} ${problem}`);
  else if (problem !== undefined) reading.warnings.push(`${entry.place}: ${entry.key}: ${problem}`);
  if (value === undefined) return;
  reading.values[entry.key] = value;
  reading.places.set(entry.key, entry.place);
};

/** Only what was set counts: a default from the environment or the machine is nobody's mistake. */
const judge = (key: string, property: Property, facts: MachineFacts, reading: Reading): void => {
  const place = reading.places.get(key);
  const value = reading.values[key];
  if (place === undefined || value === undefined) return;
  const refusal = property.refusal(value);
  if (refusal !== undefined) reading.refusals.push(`${place}: ${key}=${value}: ${refusal}`);
  else if (property.status === 'noEffect' && value !== property.fallback(facts))
    reading.warnings.push(`${place}: ${key}=${value} has no effect in this version`);
};

const read = <S>(tables: readonly PropertyTable[], source: SettingsSource<S>): Reading => {
  const table: PropertyTable = Object.assign({}, ...tables);
  const reading: Reading = { values: {}, places: new Map(), warnings: [], refusals: [] };
  for (const [key, property] of Object.entries(table))
    reading.values[key] = property.fallback(source.facts);
  Object.assign(reading.values, source.defaults);
  // A key that stands twice counts where it stands last.
  const lastByKey = new Map((source.entries ?? []).map((entry) => [entry.key, entry]));
  for (const entry of lastByKey.values()) readEntry(entry, table, reading);
  for (const [key, value] of Object.entries(source.overrides ?? {})) {
    if (value === undefined) continue;
    reading.values[key] = value as PropertyValue;
    reading.places.set(key, 'command line');
  }
  for (const [key, property] of Object.entries(table)) judge(key, property, source.facts, reading);
  return reading;
};

const place = (reading: Reading, key: string): string => reading.places.get(key) ?? 'default';

/**
 * Settings of a broker from defaults, file and command line, in this order.
 * @throws {NodeError} NAMESRV_ADDRESS_INVALID
 */
export const loadBrokerSettings = (
  source: SettingsSource<BrokerSettings>,
): LoadedSettings<BrokerSettings> => {
  const reading = read([...Object.values(CONFIG_OBJECTS.broker), OTHER_KEYS], source);
  const { values, places, warnings, refusals } = reading;
  for (const key of Object.keys(OTHER_KEYS)) delete values[key];
  const settings = values as unknown as BrokerSettings;
  parseNamesrvAddresses(settings.namesrvAddr);
  const ipProblem = brokerIpProblem(settings.brokerIP1);
  if (ipProblem !== undefined)
    refusals.push(`${place(reading, 'brokerIP1')}: brokerIP1=${ipProblem}`);
  for (const key of [
    'brokerName',
    'brokerClusterName',
    'storePathRootDir',
    'storePathCommitLog',
  ] as const) {
    if (settings[key].trim() === '')
      refusals.push(`${place(reading, key)}: ${key} must not be empty`);
  }
  if (settings.brokerRole !== 'SLAVE' && settings.brokerId !== 0) {
    warnings.push(
      `${place(reading, 'brokerId')}: brokerId=${settings.brokerId}: a master has number 0, as in RocketMQ`,
    );
    values['brokerId'] = 0;
  }
  const { storePathRootDir: root, storePathCommitLog: commitLog } = settings;
  const isMovedAlone = places.has('storePathRootDir') && !places.has('storePathCommitLog');
  if (isMovedAlone && !commitLog.startsWith(root)) {
    warnings.push(
      `${place(reading, 'storePathRootDir')}: the commit log stays in ${commitLog}, as in RocketMQ 4.9.2; set storePathCommitLog too to move it`,
    );
  }
  return { settings, warnings, refusals };
};

/** Settings of a name server from defaults, file and command line, in this order. */
export const loadNamesrvSettings = (
  source: SettingsSource<NamesrvSettings>,
): LoadedSettings<NamesrvSettings> => {
  const { values, warnings, refusals } = read(
    [...Object.values(CONFIG_OBJECTS.namesrv), OTHER_KEYS],
    source,
  );
  for (const key of Object.keys(OTHER_KEYS)) delete values[key];
  return { settings: values as unknown as NamesrvSettings, warnings, refusals };
};
