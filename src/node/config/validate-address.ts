import { isIP } from 'node:net';
import { NodeError } from '../node-error.ts';

const PORT_MAX = 65_535;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*\.?$/;
const LOOKS_LIKE_IPV4 = /^[\d.]+$/;
const FILL_ME_IN =
  /^(x+(\.x+)*|(your|my)[-_.]?(own[-_.]?)?ip([-_.]?addr(ess)?)?|your[-_](server|host|machine)[-_](ip|address|name))$/i;

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** True for an IPv4 or IPv6 address (with or without brackets) or a well-formed host name. */
export const isHost = (host: string): boolean => {
  const bare = withoutBrackets(host);
  if (isIP(bare.replace(/%.*$/, '')) !== 0) return true;
  return host === bare && HOST_NAME.test(bare) && !LOOKS_LIKE_IPV4.test(bare);
};

/** Why `brokerIP1` cannot be announced to clients, or `undefined` where it can. */
export const brokerIpProblem = (value: string): string | undefined => {
  if (isHost(value) && !FILL_ME_IN.test(value)) return undefined;
  return `${JSON.stringify(value)} is not an address; put the address there that clients reach this machine by, or remove the line to have it detected`;
};

/**
 * Splits `host:port;host:port`.
 * @throws {NodeError} NAMESRV_ADDRESS_INVALID
 */
export const parseNamesrvAddresses = (value: string): string[] => {
  if (value.trim() === '') return [];
  const parts = value.split(';').map((part) => part.trim());
  while (parts.at(-1) === '') parts.pop();
  for (const part of parts) {
    const colon = part.lastIndexOf(':');
    const port = part.slice(colon + 1);
    const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= PORT_MAX;
    if (colon > 0 && isPort && isHost(part.slice(0, colon))) continue;
    throw new NodeError(
      'NAMESRV_ADDRESS_INVALID',
      `the name server address ${JSON.stringify(value)} is not a list of host:port joined by ";", such as "127.0.0.1:9876;192.168.0.1:9876"`,
      { namesrvAddr: value },
    );
  }
  return parts;
};
