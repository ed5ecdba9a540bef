import { MessageError } from './errors.ts';

/** Bytes of an IPv4 address. */
export const IPV4_BYTES = 4;
/** Bytes of an IPv6 address. */
export const IPV6_BYTES = 16;

const malformed = (text: string): MessageError =>
  new MessageError('HOST_MALFORMED', `"${text}" is no IP address`, { host: text });

const parseIpv4 = (text: string): number[] | undefined => {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
};

/** The bytes of colon-separated groups; the last may be a dotted IPv4 address. */
const parseGroups = (text: string): number[] | undefined => {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (index === groups.length - 1 && group.includes('.')) {
      const tail = parseIpv4(group);
      if (tail === undefined) return undefined;
      bytes.push(...tail);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >>> 8, value & 0xff);
    }
  }
  return bytes;
};

const parseIpv6 = (text: string): number[] | undefined => {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_BYTES - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
};

const isMappedIpv4 = (bytes: readonly number[]): boolean =>
  bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;

/**
 * The 4 or 16 bytes of an IP address in text form. Brackets and a zone (`fe80::1%eth0`) are dropped, and an IPv4 address
 * mapped into IPv6 (`::ffff:10.0.0.1`, as dual-stack sockets report) becomes its 4 bytes, as in Java.
 * @throws {MessageError} HOST_MALFORMED for anything else, names included.
 */
export function hostBytes(text: string): Buffer {
  const [bare = ''] = text.replace(/^\[(.*)\]$/, '$1').split('%');
  const ipv4 = parseIpv4(bare);
  if (ipv4 !== undefined) return Buffer.from(ipv4);
  const ipv6 = bare.includes(':') ? parseIpv6(bare) : undefined;
  if (ipv6 === undefined) throw malformed(text);
  return Buffer.from(isMappedIpv4(ipv6) ? ipv6.slice(12) : ipv6);
}

const ipv6Text = (bytes: Uint8Array): string => {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  // The longest run of two or more zero groups becomes `::`.
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  const head = groups.slice(0, best.start).join(':');
  return `${head}::${groups.slice(best.start + best.length).join(':')}`;
};

/** Text form of 4 or 16 address bytes; IPv6 in its shortest form, without brackets. */
export function hostText(bytes: Uint8Array): string {
  return bytes.length === IPV6_BYTES ? ipv6Text(bytes) : bytes.join('.');
}

/** `host:port`, an IPv6 host in brackets. */
export const addressText = (bytes: Uint8Array, port: number): string =>
  bytes.length === IPV6_BYTES ? `[${ipv6Text(bytes)}]:${port}` : `${bytes.join('.')}:${port}`;
