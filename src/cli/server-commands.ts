import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { BROKERS_MAX, CONFIG_OBJECTS, IO_SHARDS_MAX } from '../node/index.ts';
import type { OptionTable } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import type { RunCommand } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import { loadBroker, loadNamesrv, planBroker, planNamesrv, planStart } from './node-plan.ts';
import { printSettings } from './print-settings.ts';
import { runNode } from './run-node.ts';

const PORT_MAX = 65_535;

/** Options of RocketMQ's `mqnamesrv`. */
export const MQNAMESRV_OPTIONS: OptionTable = {
  configFile: { short: 'c', value: 'file', meaning: 'Name server config properties file' },
  printConfigItem: { short: 'p', meaning: 'Print all config items' },
  namesrvAddr: {
    short: 'n',
    value: 'list',
    meaning: 'Accepted, and without effect as in RocketMQ',
  },
  help: { short: 'h', meaning: 'Print help' },
};

/** Options of RocketMQ's `mqbroker`. */
export const MQBROKER_OPTIONS: OptionTable = {
  configFile: { short: 'c', value: 'file', meaning: 'Broker config properties file' },
  printConfigItem: { short: 'p', meaning: 'Print all config items' },
  printImportantConfig: { short: 'm', meaning: 'Print important config items' },
  namesrvAddr: { short: 'n', value: 'list', meaning: 'Name servers, host:port joined by ";"' },
  ioShards: {
    value: 'n',
    meaning: 'Further threads that accept its connections (default: by the cores)',
  },
  help: { short: 'h', meaning: 'Print help' },
};

/** Options of `saturnmq start`. */
export const START_OPTIONS: OptionTable = {
  store: { value: 'folder', meaning: 'Where everything is kept (default ~/.saturnmq/store)' },
  host: { value: 'address', meaning: 'Address to listen on (default 127.0.0.1)' },
  'broker-port': { value: 'port', meaning: 'Port of the broker (default 10911)' },
  'namesrv-port': { value: 'port', meaning: 'Port of the name server (default 9876)' },
  shards: {
    value: 'n',
    meaning: 'Brokers, each with a thread, a port and a store of its own (default 1)',
  },
  'io-shards': {
    value: 'n',
    meaning: 'Further threads that accept each broker’s connections (default: by the cores)',
  },
  configFile: { short: 'c', value: 'file', meaning: 'Properties file, as for mqbroker' },
  help: { short: 'h', meaning: 'Print help' },
};

/** `mqnamesrv` after `-h` was dealt with. */
export const runMqnamesrv: RunCommand = async (args, context) => {
  const parsed = parseArguments(MQNAMESRV_OPTIONS, args, 0);
  const loaded = loadNamesrv(context, parsed.text('configFile'));
  if (parsed.has('printConfigItem')) {
    printSettings(CONFIG_OBJECTS.namesrv, loaded, false, context);
    return 0;
  }
  return runNode(planNamesrv(context, loaded), context);
};

/** `mqbroker` after `-h` was dealt with. */
export const runMqbroker: RunCommand = async (args, context) => {
  const parsed = parseArguments(MQBROKER_OPTIONS, args, 0);
  const loaded = loadBroker(context, parsed.text('configFile'), parsed.text('namesrvAddr'));
  const isAll = parsed.has('printConfigItem');
  if (isAll || parsed.has('printImportantConfig')) {
    printSettings(CONFIG_OBJECTS.broker, loaded, !isAll, context);
    return 0;
  }
  const ioShards = parsed.integer('ioShards', 0, IO_SHARDS_MAX);
  return runNode(planBroker(context, loaded, ioShards), context);
};

/** `saturnmq start`. */
export const runStart: RunCommand = async (args, context) => {
  const parsed = parseArguments(START_OPTIONS, args, 0);
  const host = parsed.text('host') ?? '127.0.0.1';
  if (isIP(host) === 0 && host !== 'localhost')
    throw new CliError(`--host takes an IP address of this machine, not ${JSON.stringify(host)}`);
  const store = parsed.text('store');
  const options = {
    host,
    store: store === undefined ? undefined : resolve(store),
    file: parsed.text('configFile'),
    brokerPort: parsed.integer('broker-port', 0, PORT_MAX),
    namesrvPort: parsed.integer('namesrv-port', 0, PORT_MAX),
    shards: parsed.integer('shards', 1, BROKERS_MAX),
    ioShards: parsed.integer('io-shards', 0, IO_SHARDS_MAX),
  };
  return runNode(planStart(context, options), context);
};
