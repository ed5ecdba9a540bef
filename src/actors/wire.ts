import { deserialize, serialize } from 'node:v8';
import { errorMessage } from '../base/index.ts';
import type { ActorRef } from './actor.ts';
import { ActorError } from './actor-error.ts';

// A message between threads: v8's structured clone of { to, message }, refs replaced by [REF_KEY]: [shard, id].
// Control-plane rates: clarity goes before speed here.

/** Record types in the rings between shards. */
export const RECORD_TELL = 1;
/** Asks to be told once the actor is gone; `message` is the ref to tell. */
export const RECORD_WATCH = 2;

/** Deepest nesting of a message; a cycle ends here as well. */
const DEPTH_MAX = 64;
/** No plain data has this key by chance. */
const REF_KEY = '\u0000ref';

/** What a record carries. */
export interface WireRecord {
  readonly to: string;
  readonly message: unknown;
}

/** Where an actor is. */
export interface Address {
  readonly shard: string;
  readonly id: string;
}

/**
 * The bytes of a message to the actor `to` of another thread.
 * @param addressOf says where a ref inside the message points.
 * @throws {ActorError} MESSAGE_NOT_PLAIN
 */
export function encodeRecord(
  to: string,
  message: unknown,
  addressOf: (ref: ActorRef<never>) => Address,
): Buffer {
  try {
    return serialize({ to, message: flatten(message, addressOf, 0) });
  } catch (cause) {
    const text = `a message to ${to} is not plain data: ${errorMessage(cause)}`;
    throw new ActorError('MESSAGE_NOT_PLAIN', text, { to }, cause);
  }
}

/**
 * Reads a record back. `bytes` is kept by what is returned.
 * @param refTo makes a ref for an address inside the message.
 */
export function decodeRecord(
  bytes: Buffer,
  refTo: (address: Address) => ActorRef<never>,
): WireRecord {
  const record = deserialize(bytes) as WireRecord;
  return { to: record.to, message: revive(record.message, refTo) };
}

const isRef = (value: object): value is ActorRef<never> =>
  'tell' in value && typeof value.tell === 'function' && 'run' in value && 'id' in value;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Values that the structured clone copies as what they are. */
const isCloneable = (value: object): boolean =>
  ArrayBuffer.isView(value) ||
  value instanceof ArrayBuffer ||
  value instanceof Date ||
  value instanceof Map ||
  value instanceof Set ||
  value instanceof Error;

const mapValues = (value: object, map: (inner: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map(map);
  const entries = Object.entries(value).map(([key, inner]) => [key, map(inner)] as const);
  return Object.fromEntries(entries);
};

const flatten = (
  value: unknown,
  addressOf: (ref: ActorRef<never>) => Address,
  depth: number,
): unknown => {
  if (typeof value !== 'object' || value === null || isCloneable(value)) return value;
  if (depth > DEPTH_MAX) throw new RangeError(`nested deeper than ${DEPTH_MAX}`);
  if (isRef(value)) {
    const { shard, id } = addressOf(value);
    return { [REF_KEY]: [shard, id] };
  }
  if (!Array.isArray(value) && !isPlain(value)) {
    throw new TypeError(`it holds an instance of ${value.constructor?.name}`);
  }
  return mapValues(value, (inner) => flatten(inner, addressOf, depth + 1));
};

const revive = (value: unknown, refTo: (address: Address) => ActorRef<never>): unknown => {
  if (typeof value !== 'object' || value === null || isCloneable(value)) return value;
  if (REF_KEY in value) {
    const [shard, id] = value[REF_KEY] as readonly [string, string];
    return refTo({ shard, id });
  }
  return mapValues(value, (inner) => revive(inner, refTo));
};
