import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type {
  BrokerOptions,
  BrokerSettings,
  LoadedSettings,
  MachineFacts,
  NamesrvOptions,
  PropertyEntry,
  RootOptions,
} from '../node/index.ts';
import {
  bracketed,
  controlPathOf,
  createLogger,
  ioShardsByDefault,
  loadBrokerSettings,
  loadNamesrvSettings,
  NAMESRV_CONFIG,
  NodeError,
  parseNamesrvAddresses,
  reachOf,
  readLogOptions,
  readMachineFacts,
  readPropertiesFile,
} from '../node/index.ts';
import type { CliContext } from './cli-context.ts';

/** Says what is odd about the settings. @throws {NodeError} CONFIG_REFUSED, CONFIG_INVALID when they must not start. */
const accept = <S>(loaded: LoadedSettings<S>, logger: RootOptions['logger']): S => {
  for (const warning of loaded.warnings) logger.warn({}, warning);
  if (loaded.refusals.length === 0) return loaded.settings;
  throw new NodeError('CONFIG_REFUSED', loaded.refusals.join('\n'));
};

const common = (context: CliContext): Pick<RootOptions, 'logger' | 'log' | 'faults'> => {
  const log = readLogOptions(2, context.environment);
  return {
    logger: createLogger(log),
    log,
    faults: context.environment['SATURNMQ_FAULTS'] === '1',
  };
};

const brokerOptions = (
  settings: BrokerSettings,
  namesrvAddr: readonly string[],
  shards = 1,
  ioShards = ioShardsByDefault(availableParallelism(), shards),
): BrokerOptions => ({
  host: settings.bindAddress,
  port: settings.listenPort,
  settings,
  namesrvAddr,
  shards,
  ioShards,
});

const entriesOf = (file: string | undefined): PropertyEntry[] =>
  file === undefined ? [] : readPropertiesFile(file);

/** Settings of `mqbroker`: RocketMQ's defaults, NAMESRV_ADDR, the file, `-n`. */
export const loadBroker = (
  context: CliContext,
  file: string | undefined,
  namesrvAddr: string | undefined,
): LoadedSettings<BrokerSettings> =>
  loadBrokerSettings({
    facts: readMachineFacts('broker', context.environment),
    entries: entriesOf(file),
    overrides: namesrvAddr === undefined ? {} : { namesrvAddr },
  });

/** Settings of `mqnamesrv`; changes made at run time are saved to the file they came from. */
export const loadNamesrv = (
  context: CliContext,
  file: string | undefined,
): LoadedSettings<NamesrvOptions['settings']> =>
  loadNamesrvSettings({
    facts: readMachineFacts('namesrv', context.environment),
    entries: entriesOf(file),
    overrides: file === undefined ? {} : { configStorePath: resolve(file) },
  });

/** A broker as RocketMQ's `mqbroker` starts it. */
export const planBroker = (
  context: CliContext,
  loaded: LoadedSettings<BrokerSettings>,
  ioShards?: number,
): RootOptions => {
  const base = common(context);
  const settings = accept(loaded, base.logger);
  return {
    ...base,
    broker: brokerOptions(settings, parseNamesrvAddresses(settings.namesrvAddr), 1, ioShards),
    controlPath: controlPathOf(settings.storePathRootDir),
  };
};

/** A name server as RocketMQ's `mqnamesrv` starts it. */
export const planNamesrv = (
  context: CliContext,
  loaded: LoadedSettings<NamesrvOptions['settings']>,
): RootOptions => {
  const base = common(context);
  const settings = accept(loaded, base.logger);
  return {
    ...base,
    namesrv: { host: settings.bindAddress, port: settings.listenPort, settings },
    controlPath: controlPathOf(join(settings.kvConfigPath, '..')),
  };
};

/** What the command line of `saturnmq start` says. */
export interface StartOptions {
  readonly host: string;
  readonly store: string | undefined;
  readonly file: string | undefined;
  readonly brokerPort: number | undefined;
  readonly namesrvPort: number | undefined;
  readonly shards: number | undefined;
  readonly ioShards: number | undefined;
}

/** Where `saturnmq start` keeps its store unless told otherwise. */
export const defaultStore = (home: string): string => join(home, '.saturnmq', 'store');

const startedBroker = (
  options: StartOptions,
  entries: readonly PropertyEntry[],
  facts: MachineFacts,
): LoadedSettings<BrokerSettings> => {
  const fromFile = entries.findLast(({ key }) => key === 'storePathRootDir')?.value;
  const root = resolve(options.store ?? fromFile ?? defaultStore(facts.home));
  const isEverywhere = reachOf(options.host) === 'unspecified';
  return loadBrokerSettings({
    facts,
    defaults: {
      brokerIP1: isEverywhere ? facts.localAddress : bracketed(options.host),
      storePathCommitLog: join(root, 'commitlog'),
    },
    entries: entries.filter(({ key }) => key !== 'namesrvAddr'),
    overrides: {
      bindAddress: options.host,
      namesrvAddr: '',
      storePathRootDir: root,
      ...(options.brokerPort === undefined ? {} : { listenPort: options.brokerPort }),
    },
  });
};

/** A name server and its broker, for one machine: loopback, one folder, no other name server. */
export const planStart = (context: CliContext, options: StartOptions): RootOptions => {
  const base = common(context);
  const entries = entriesOf(options.file);
  const isNamesrvKey = ({ key }: PropertyEntry): boolean => Object.hasOwn(NAMESRV_CONFIG, key);
  const facts = readMachineFacts('broker', { ...context.environment, NAMESRV_ADDR: '' });
  const broker = accept(
    startedBroker(
      options,
      entries.filter((entry) => !isNamesrvKey(entry)),
      facts,
    ),
    base.logger,
  );
  const root = broker.storePathRootDir;
  const namesrv = accept(
    loadNamesrvSettings({
      facts: { ...facts, node: 'namesrv' },
      defaults: {
        kvConfigPath: join(root, 'namesrv', 'kvConfig.json'),
        configStorePath: join(root, 'namesrv', 'namesrv.properties'),
      },
      entries: entries.filter(isNamesrvKey),
      overrides: {
        bindAddress: options.host,
        ...(options.namesrvPort === undefined ? {} : { listenPort: options.namesrvPort }),
      },
    }),
    base.logger,
  );
  if (entries.some(({ key }) => key === 'namesrvAddr'))
    base.logger.warn(
      {},
      'namesrvAddr has no effect: "saturnmq start" registers with its own name server',
    );
  return {
    ...base,
    namesrv: { host: options.host, port: namesrv.listenPort, settings: namesrv },
    broker: brokerOptions(broker, [], options.shards, options.ioShards),
    controlPath: controlPathOf(root),
  };
};
