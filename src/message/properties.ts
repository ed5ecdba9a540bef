import { type ByteRange, equalsBytes } from './bytes.ts';

/** Separates name and value. */
export const NAME_VALUE_SEPARATOR = 0x01;
/** Separates pairs. */
export const PAIR_SEPARATOR = 0x02;
/** Longest properties text, UTF-8 bytes: its stored length is a signed short. */
export const PROPERTIES_BYTES_MAX = 32_767;

const NAME_VALUE = '\u0001';
const PAIR = '\u0002';

/** What `encodeProperties` takes: pairs with an undefined or null value are left out. */
export type PropertyPairs =
  | ReadonlyMap<string, string | null | undefined>
  | Readonly<Record<string, string | null | undefined>>
  | readonly (readonly [string, string | null | undefined])[];

const pairsOf = (
  properties: PropertyPairs,
): Iterable<readonly [string, string | null | undefined]> => {
  if (Symbol.iterator in properties) return properties;
  return Object.entries(properties);
};

/**
 * The properties text `name 0x01 value 0x02 name 0x01 value`, without a last 0x02.
 * @source rocketmq 4.9.2 common/message/MessageDecoder.java messageProperties2String
 */
export function encodeProperties(properties: PropertyPairs): string {
  const parts: string[] = [];
  for (const [name, value] of pairsOf(properties)) {
    if (value !== null && value !== undefined) parts.push(name + NAME_VALUE + value);
  }
  return parts.join(PAIR);
}

/**
 * Reads a properties text, with or without the last 0x02. Pairs without 0x01, with an empty name or an empty value are
 * dropped; a later duplicate wins.
 * @source rocketmq 4.9.2 common/message/MessageDecoder.java string2messageProperties
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const pair of text.split(PAIR)) {
    const separator = pair.indexOf(NAME_VALUE);
    if (separator <= 0 || separator === pair.length - 1) continue;
    properties.set(pair.slice(0, separator), pair.slice(separator + 1));
  }
  return properties;
}

/**
 * Finds the value of `name` in encoded properties, by the rules of `parseProperties`.
 * @returns false where it is absent; `range` is then untouched.
 */
export function findProperty(
  source: Buffer,
  start: number,
  length: number,
  name: Uint8Array,
  range: ByteRange,
): boolean {
  // hot path
  const end = start + length;
  let isFound = false;
  for (let pairStart = start; pairStart < end; ) {
    const valueStart = pairStart + name.length + 1;
    const isNamed =
      valueStart < end &&
      source[valueStart - 1] === NAME_VALUE_SEPARATOR &&
      equalsBytes(source, pairStart, name.length, name);
    let position = isNamed ? valueStart : pairStart;
    while (position < end && source[position] !== PAIR_SEPARATOR) position += 1;
    if (isNamed && position > valueStart) {
      range.start = valueStart;
      range.length = position - valueStart;
      isFound = true;
    }
    pairStart = position + 1;
  }
  return isFound;
}
