import { isIPv4, isIPv6 } from 'node:net';
import type { SocketAddress } from '../base/index.ts';
import { TransportError } from './transport-error.ts';

const PORT_MAX = 65_535;

/**
 * Reads `host:port`, split at the last colon; IPv6 hosts stand in brackets.
 * @throws {TransportError} BAD_ADDRESS
 */
export function parseAddress(text: string): SocketAddress {
  const colon = text.lastIndexOf(':');
  const portText = text.slice(colon + 1);
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  const bare = text.slice(0, Math.max(0, colon));
  const host = bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare;
  if (host === '' || !(port >= 1 && port <= PORT_MAX) || /[\s/]/.test(host)) {
    throw new TransportError('BAD_ADDRESS', `"${text}" is no address of the form host:port`);
  }
  return { host, port };
}

/** Writes `host:port`, with brackets around an IPv6 host. */
export function formatAddress(address: SocketAddress): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** The 4 or 16 bytes of an IP address in text form; anything else gives 0.0.0.0. */
export function ipBytes(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number));
  const zone = host.indexOf('%');
  const plain = zone < 0 ? host : host.slice(0, zone);
  return isIPv6(plain) ? ipv6Bytes(plain) : Buffer.alloc(4);
}

function ipv6Bytes(host: string): Buffer {
  const bytes = Buffer.alloc(16);
  const [head = '', tail] = host.split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  for (const [index, group] of first.entries()) bytes.writeUInt16BE(group, index * 2);
  const start = 16 - last.length * 2;
  for (const [index, group] of last.entries()) bytes.writeUInt16BE(group, start + index * 2);
  return bytes;
}

/** 16-bit groups; a dotted IPv4 tail counts as two. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
