import { join, resolve } from 'node:path';
import { bracketed, reachOf } from '../address.ts';
import { type MachineFacts, readMachineFacts } from '../config/machine-facts.ts';
import { nearestName } from '../config/nearest-name.ts';
import {
  type BrokerSettings,
  type LoadedSettings,
  loadBrokerSettings,
  loadNamesrvSettings,
} from '../config/settings.ts';
import { parseNamesrvAddresses } from '../config/validate-address.ts';
import type { BrokerOptions, NamesrvOptions, RootOptions } from '../core/root-options.ts';
import { NodeError } from '../node-error.ts';
import type { PlainNodeOptions } from './node-options.ts';

/** Where a node listens unless told otherwise, and its name where it listens nowhere. */
const HOST = '127.0.0.1';
const PORT = 10_911;
const NAMESRV_PORT = 9876;

/** What the root is started with, and what is to be said about the settings. */
export interface NodePlan {
  readonly options: Omit<RootOptions, 'logger' | 'log' | 'onEvent'>;
  readonly warnings: readonly string[];
}

/** An application's values are typed already; what remains is whether the key exists and takes such a value. */
const checkBrokerKeys = (given: object, known: BrokerSettings): void => {
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(known, key)) {
      const nearest = nearestName(key, Object.keys(known));
      const hint =
        nearest === undefined ? 'docs/configuration.md lists them' : `did you mean ${nearest}?`;
      throw new NodeError('OPTION_INVALID', `there is no broker setting ${key}; ${hint}`, {
        option: `broker.${key}`,
      });
    }
    const type = typeof known[key as keyof BrokerSettings];
    if (typeof value !== type)
      throw new NodeError(
        'OPTION_INVALID',
        `broker.${key} must be a ${type}, and is a ${typeof value}`,
        { option: `broker.${key}` },
      );
  }
};

const accepted = <S>({ settings, refusals }: LoadedSettings<S>): S => {
  if (refusals.length === 0) return settings;
  throw new NodeError(
    'OPTION_INVALID',
    refusals.join('\n').replaceAll('command line: ', 'broker.'),
  );
};

const entriesOf = (given: object): { key: string; value: string; place: string }[] =>
  Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: String(value), place: 'options' }));

const planBroker = (
  options: PlainNodeOptions,
  facts: MachineFacts,
  warnings: string[],
): BrokerOptions | undefined => {
  if (options.broker === false) return undefined;
  const given = options.broker ?? {};
  const root = resolve(options.storePath);
  const listen = options.listen === false ? {} : (options.listen ?? {});
  const host = listen.host ?? HOST;
  const isEverywhere = reachOf(host) === 'unspecified';
  const port = listen.port ?? PORT;
  checkBrokerKeys(given, loadBrokerSettings({ facts }).settings);
  const loaded = loadBrokerSettings({
    facts,
    defaults: {
      brokerIP1: isEverywhere ? facts.localAddress : bracketed(host),
      storePathCommitLog: join(root, 'commitlog'),
      storePathRootDir: root,
      listenPort: port,
      bindAddress: host,
      namesrvAddr: '',
      flushDiskType: options.flush ?? 'ASYNC_FLUSH',
    },
    entries: entriesOf(given),
  });
  warnings.push(...loaded.warnings);
  const settings = accepted(loaded);
  const { namesrv } = options;
  return {
    host,
    port,
    settings,
    namesrvAddr: typeof namesrv === 'string' ? parseNamesrvAddresses(namesrv) : [],
    shards: options.shards ?? 1,
    ioShards: options.ioShards ?? 0,
  };
};

const planNamesrv = (
  options: PlainNodeOptions,
  facts: MachineFacts,
): NamesrvOptions | undefined => {
  if (options.namesrv === false || typeof options.namesrv === 'string') return undefined;
  const root = resolve(options.storePath);
  const listen = options.listen === false ? {} : (options.listen ?? {});
  const loaded = loadNamesrvSettings({
    facts: { ...facts, node: 'namesrv' },
    defaults: {
      kvConfigPath: join(root, 'namesrv', 'kvConfig.json'),
      configStorePath: join(root, 'namesrv', 'namesrv.properties'),
    },
  });
  return {
    host: listen.host ?? HOST,
    port: listen.namesrvPort ?? NAMESRV_PORT,
    settings: accepted(loaded),
  };
};

/**
 * What an embedded node's root is started with.
 * @throws {NodeError} OPTION_INVALID, CONFIG_INVALID
 */
export const planNode = (options: PlainNodeOptions): NodePlan => {
  const facts = readMachineFacts('broker', {});
  const warnings: string[] = [];
  const broker = planBroker(options, facts, warnings);
  const namesrv = planNamesrv(options, facts);
  const { controlPath, threadRestartsMax, faults, heapMaxMib, spinUs } = options;
  return {
    warnings,
    options: {
      ...(namesrv === undefined ? {} : { namesrv }),
      ...(broker === undefined ? {} : { broker }),
      ...(controlPath === undefined ? {} : { controlPath }),
      ...(threadRestartsMax === undefined ? {} : { threadRestartsMax }),
      ...(faults === undefined ? {} : { faults }),
      ...(heapMaxMib === undefined ? {} : { heapMaxMib }),
      ...(spinUs === undefined ? {} : { spinUs }),
      hasRings: true,
      isListening: options.listen !== false,
    },
  };
};
