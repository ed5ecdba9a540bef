import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { networkInterfaces } from 'node:os';
import { NodeError } from './node-error.ts';

/** The interfaces of a machine, as `os.networkInterfaces` lists them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

const isLinuxBridge = (name: string): boolean => existsSync(`/sys/class/net/${name}/bridge`);

/**
 * The address a broker announces when none is set: the first IPv4 that begins with neither 127.0 nor 192.168, else the
 * last IPv4, else the first IPv6 in brackets, else loopback. Bridges of containers are passed over.
 * @source rocketmq 4.9.2 remoting/common/RemotingUtil.java
 */
export const detectLocalAddress = (
  interfaces: Interfaces = networkInterfaces(),
  isBridge: (name: string) => boolean = isLinuxBridge,
): string => {
  const found = Object.entries(interfaces)
    .filter(([name]) => !isBridge(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter((address) => !address.internal);
  const ipv4 = found.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
  const ipv6 = found.filter(({ family }) => family === 'IPv6').map(({ address }) => address);
  const chosen =
    ipv4.find((address) => !/^(127\.0|192\.168)/.test(address)) ?? ipv4.at(-1) ?? ipv6[0];
  return bracketed(chosen ?? '127.0.0.1');
};

/** From where an address can be reached; `name` is a host name, whose address is the resolver's business. */
export type Reach = 'loopback' | 'unspecified' | 'private' | 'public' | 'name';

const blockList = (...ranges: readonly [string, number, 'ipv4' | 'ipv6'][]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix, family] of ranges) list.addSubnet(network, prefix, family);
  return list;
};

const LOOPBACK = blockList(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6']);
const PRIVATE = blockList(
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
);

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');

/** An IPv6 address in brackets, anything else as it is: the form that stands before `:port`. */
export const bracketed = (host: string): string =>
  isIP(bare(host)) === 6 ? `[${host.replace(/^\[|\]$/g, '')}]` : host;

/** Tells how far an address reaches. */
export const reachOf = (host: string): Reach => {
  const address = bare(host);
  const version = isIP(address);
  if (version === 0) return address.toLowerCase() === 'localhost' ? 'loopback' : 'name';
  if (address === '0.0.0.0' || address === '::') return 'unspecified';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (LOOPBACK.check(address, family)) return 'loopback';
  return PRIVATE.check(address, family) ? 'private' : 'public';
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // No such file on this system: then it says nothing about containers.
  }
};

/** Whether this process runs in a container, whose own address is usually unknown outside. */
export const isInContainer = (
  exists: (path: string) => boolean = existsSync,
  read: (path: string) => string = readText,
): boolean =>
  exists('/.dockerenv') ||
  exists('/run/.containerenv') ||
  /docker|kubepods|containerd|lxc/.test(read('/proc/1/cgroup'));

/** Says who cannot reach the announced address and what to set, or `undefined` where nothing stands against it. */
export const reachabilityWarning = (
  advertised: string,
  isContainer: boolean,
): string | undefined => {
  const reach = reachOf(advertised);
  if (reach === 'unspecified')
    return `${advertised} is no address that a client can connect to; set brokerIP1`;
  if (reach === 'loopback')
    return `clients on other machines, or inside containers, cannot reach ${advertised}; set brokerIP1 to an address they can reach`;
  if (isContainer && reach === 'private')
    return `${advertised} is the address inside this container; clients outside need brokerIP1 set to the host's address and the same port published`;
  return undefined;
};

/**
 * The IP address behind `brokerIP1`, which stored messages carry.
 * @throws {NodeError} CONFIG_INVALID when the name does not resolve.
 */
export const resolveHost = async (host: string): Promise<string> => {
  const address = bare(host);
  if (isIP(address) !== 0) return address;
  try {
    // Older clients read messages of IPv4 hosts only.
    return (await lookup(address, { verbatim: false })).address;
  } catch (cause) {
    const remedy = 'put an address or a name that resolves there';
    throw new NodeError(
      'CONFIG_INVALID',
      `the host name ${host} does not resolve; ${remedy}`,
      { host },
      cause,
    );
  }
};
