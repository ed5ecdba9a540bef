import type { OpenChannel } from './channel.ts';
import type { ClientEnvironment } from './environment.ts';
import { ClientError } from './errors.ts';

/** A node that clients of this process speak to without the network: what `startNode` and `connectNode` give. */
export interface ClientNode {
  /** Name servers the node knows: `host:port`, several separated by `;`. */
  readonly namesrvAddr: string;
  /** How this thread reaches the node's servers. */
  readonly openChannel: OpenChannel;
}

/** Options that every client has, however it reaches its servers. */
export interface ClientSettings {
  /** Time, randomness, network and logger (default: this machine's, and no log). */
  readonly environment?: ClientEnvironment;
  /** Tells clients of one process apart (default: a random number). */
  readonly instanceName?: string;
}

/** A client of servers on the network. */
export interface NamesrvOptions {
  /** Name servers: `host:port`, several separated by `;`. */
  readonly namesrvAddr: string;
  /** How to reach servers (default: TCP). */
  readonly openChannel?: OpenChannel | undefined;
  readonly node?: undefined;
}

/** A client of a node in this process. */
export interface NodeOptions {
  readonly node: ClientNode;
  readonly namesrvAddr?: undefined;
  readonly openChannel?: undefined;
}

/** Options of a client: exactly one of `namesrvAddr` and `node` says where its servers are. */
export type ClientOptions = ClientSettings & (NamesrvOptions | NodeOptions);

/** What an option may be. */
export type OptionRule =
  /** A number above 0; Infinity is fine. */
  | 'positive'
  /** A whole number from 1 on; Infinity for none. */
  | 'limit'
  /** A whole number from 1 on that the protocol can carry. */
  | 'size'
  /** A whole number from 0 on. */
  | 'count'
  | 'text'
  /** One of these texts. */
  | readonly string[];

/** Rules of a client's own options, by name. */
export type OptionRules = Readonly<Record<string, OptionRule>>;

const INT32_MAX = 0x7fff_ffff;
const WHERE =
  "pass namesrvAddr: 'host:9876' for servers on the network, or node: the node that startNode returned";

const bad = (text: string, details: { readonly option?: string } = {}): ClientError =>
  new ClientError('BAD_ARGUMENT', text, details);

const given = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;

/** Where a client's servers are, and how they are reached. */
export interface Whereabouts {
  readonly namesrvAddr: string;
  readonly openChannel: OpenChannel | undefined;
}

/**
 * Reads which servers are meant.
 * @throws {ClientError} BAD_ARGUMENT unless exactly one of `namesrvAddr` and `node` is given
 */
export const whereabouts = (options: unknown): Whereabouts => {
  if (typeof options !== 'object' || options === null) {
    throw bad(`options must be an object, not ${given(options)}: ${WHERE}`);
  }
  const { namesrvAddr, node, openChannel } = options as Readonly<Record<string, unknown>>;
  if (namesrvAddr !== undefined && node !== undefined) {
    throw bad(`namesrvAddr and node exclude each other: ${WHERE}`, { option: 'node' });
  }
  if (node !== undefined) return nodeOf(node, openChannel);
  if (typeof namesrvAddr !== 'string') {
    const what = namesrvAddr === undefined ? 'is missing' : `is ${given(namesrvAddr)}`;
    throw bad(`namesrvAddr ${what}: ${WHERE}`, { option: 'namesrvAddr' });
  }
  if (openChannel !== undefined && typeof openChannel !== 'function') {
    throw bad(`openChannel must be a function, not ${given(openChannel)}`, {
      option: 'openChannel',
    });
  }
  return { namesrvAddr, openChannel: openChannel as OpenChannel | undefined };
};

const nodeOf = (node: unknown, openChannel: unknown): Whereabouts => {
  if (openChannel !== undefined) {
    throw bad('openChannel goes with namesrvAddr; a node brings its own', {
      option: 'openChannel',
    });
  }
  if (node instanceof Promise) {
    throw bad('node is a promise: await startNode(…) first', { option: 'node' });
  }
  const { namesrvAddr, openChannel: open } = (
    typeof node === 'object' && node !== null ? node : {}
  ) as Partial<ClientNode>;
  if (typeof namesrvAddr !== 'string' || typeof open !== 'function') {
    const text = `node must be what startNode or connectNode returned, not ${given(node)}`;
    throw bad(text, { option: 'node' });
  }
  // As a method: a node may be a class.
  return { namesrvAddr, openChannel: (...args) => (node as ClientNode).openChannel(...args) };
};

const isLegal = (rule: OptionRule, value: unknown): boolean => {
  switch (rule) {
    case 'positive':
      return typeof value === 'number' && value > 0;
    case 'limit':
      return value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && Number(value) >= 1);
    case 'size':
      return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= INT32_MAX;
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0;
    case 'text':
      return typeof value === 'string' && value !== '';
    default:
      return typeof value === 'string' && rule.includes(value);
  }
};

const ruleText = (rule: OptionRule): string => {
  switch (rule) {
    case 'positive':
      return 'a number above 0';
    case 'limit':
      return 'a whole number from 1 on, or Infinity';
    case 'size':
      return `a whole number from 1 to ${INT32_MAX}`;
    case 'count':
      return 'a whole number from 0 on';
    case 'text':
      return 'a text that is not empty';
    default:
      return `one of ${rule.join(', ')}`;
  }
};

/**
 * Checks a client's own options; absent ones are fine.
 * @throws {ClientError} BAD_ARGUMENT that names the option and what it may be
 */
export const checkOptions = (options: object, rules: OptionRules): void => {
  const values = options as Readonly<Record<string, unknown>>;
  for (const [option, rule] of Object.entries(rules)) {
    const value = values[option];
    if (value === undefined || isLegal(rule, value)) continue;
    const shown = typeof value === 'number' || typeof value === 'string' ? `: ${value}` : '';
    throw bad(`${option} must be ${ruleText(rule)}, not ${given(value)}${shown}`, { option });
  }
};
