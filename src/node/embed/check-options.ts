import { isIP } from 'node:net';
import { errorMessage } from '../../base/index.ts';
import { nearestName } from '../config/nearest-name.ts';
import { parseNamesrvAddresses } from '../config/validate-address.ts';
import { BROKERS_MAX, IO_SHARDS_MAX } from '../core/broker-shards.ts';
import { NodeError } from '../node-error.ts';
import type { NodeOptions } from './node-options.ts';

interface Rule {
  readonly accepts: (value: unknown) => boolean;
  /** Reads after "must be". */
  readonly words: string;
}
type Rules = Readonly<Record<string, Rule>>;

const PORT_MAX = 65_535;
const LOG_METHODS = ['debug', 'info', 'warn', 'error'] as const;
const LEVELS: readonly unknown[] = LOG_METHODS;
const FLUSHES: readonly unknown[] = ['ASYNC_FLUSH', 'SYNC_FLUSH'];

const SETTING_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const boolean: Rule = { accepts: (value) => typeof value === 'boolean', words: 'true or false' };
const integer = (valueMin: number, valueMax: number): Rule => ({
  accepts: (value) =>
    Number.isInteger(value) && Number(value) >= valueMin && Number(value) <= valueMax,
  words: `an integer from ${valueMin} to ${valueMax}`,
});
const port = integer(0, PORT_MAX);

const isLogger = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  LOG_METHODS.every((name) => typeof Reflect.get(value, name) === 'function');

const isNamesrv = (value: unknown): boolean => {
  if (typeof value === 'boolean') return true;
  return isText(value) && parseNamesrvAddresses(value).length > 0;
};

const RULES: Readonly<Record<keyof NodeOptions, Rule>> = {
  storePath: { accepts: isText, words: 'the path of a folder' },
  namesrv: { accepts: isNamesrv, words: 'true, false, or "host:port" of other name servers' },
  broker: {
    accepts: (value) => value === false || isObject(value),
    words: 'an object with keys of broker.conf, or false',
  },
  listen: {
    accepts: (value) => value === false || isObject(value),
    words: 'an object with host, port and namesrvPort, or false',
  },
  flush: { accepts: (value) => FLUSHES.includes(value), words: '"ASYNC_FLUSH" or "SYNC_FLUSH"' },
  shards: integer(1, BROKERS_MAX),
  ioShards: integer(0, IO_SHARDS_MAX),
  spinUs: integer(0, 1_000_000),
  logger: {
    accepts: (value) => value === false || isLogger(value),
    words:
      'an object with the methods debug, info, warn and error, such as pino makes it, or false',
  },
  logLevel: { accepts: (value) => LEVELS.includes(value), words: LOG_METHODS.join(', ') },
  heapMaxMib: integer(16, 1_048_576),
  controlPath: { accepts: isText, words: 'the path of a socket' },
  threadRestartsMax: integer(0, 1_000_000),
  faults: boolean,
};

const LISTEN_RULES: Rules = {
  host: {
    accepts: (value) => isText(value) && isIP(value) !== 0,
    words: 'an IP address of this machine',
  },
  // The VIP port is two below.
  port: {
    accepts: (value) => port.accepts(value) && (value === 0 || Number(value) > 2),
    words: `0 or an integer from 3 to ${PORT_MAX}`,
  },
  namesrvPort: port,
};

const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};

/** The source of a function is no answer. */
const kindOf = (value: unknown): string =>
  typeof value === 'object' ? shown(value) : `a ${typeof value}`;

const invalid = (message: string, option: string): NodeError =>
  new NodeError('OPTION_INVALID', message, { option });

const checkAll = (rules: Rules, values: object, prefix: string): void => {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      const nearest = nearestName(key, Object.keys(rules));
      const hint =
        nearest === undefined
          ? `there are ${Object.keys(rules).join(', ')}`
          : `did you mean ${nearest}?`;
      throw invalid(`there is no option ${prefix}${key}; ${hint}`, `${prefix}${key}`);
    }
    if (!rule.accepts(value))
      throw invalid(
        `${prefix}${key} must be ${rule.words}, and is ${shown(value)}`,
        `${prefix}${key}`,
      );
  }
};

/** Broker settings that a node's own option decides. */
const DECIDED: Readonly<Record<string, string>> = {
  storePathRootDir: 'storePath',
  listenPort: 'listen.port',
  bindAddress: 'listen.host',
  namesrvAddr: 'namesrv',
  flushDiskType: 'flush',
};

/** It is sent to the node's thread, which knows the settings and their types: here it has to be able to cross. */
const checkBroker = (broker: Readonly<Record<string, unknown>>): void => {
  for (const [key, value] of Object.entries(broker)) {
    const other = Object.hasOwn(DECIDED, key) ? DECIDED[key] : undefined;
    if (other !== undefined)
      throw invalid(`broker.${key} has no place here: use the option ${other}`, `broker.${key}`);
    if (value !== undefined && !SETTING_TYPES.has(typeof value))
      throw invalid(
        `broker.${key} must be a string, a number, true or false, and is ${kindOf(value)}`,
        `broker.${key}`,
      );
  }
  try {
    structuredClone(broker);
  } catch (error) {
    // Such as a promise that nobody waited for.
    throw invalid(
      `broker must be plain data with keys of broker.conf: ${errorMessage(error)}`,
      'broker',
    );
  }
};

/**
 * Checks what an application passes to `startNode`.
 * @throws {NodeError} OPTION_INVALID, NAMESRV_ADDRESS_INVALID
 */
export const checkOptions = (options: unknown): NodeOptions => {
  if (!isObject(options))
    throw invalid('startNode takes an object with at least storePath', 'options');
  checkAll(RULES, options, '');
  if (options['storePath'] === undefined)
    throw invalid(
      'storePath is missing: the folder that the node keeps everything in',
      'storePath',
    );
  if (isObject(options['listen'])) checkAll(LISTEN_RULES, options['listen'], 'listen.');
  if (isObject(options['broker'])) checkBroker(options['broker']);
  if (
    options['broker'] === false &&
    typeof options['namesrv'] !== 'boolean' &&
    options['namesrv'] !== undefined
  )
    throw invalid('a node without a broker needs namesrv: true', 'namesrv');
  if (options['broker'] === false && options['namesrv'] === false)
    throw invalid('with neither a broker nor a name server there is nothing to start', 'broker');
  return options as unknown as NodeOptions;
};
