import { ProtocolError } from './errors.ts';
import { parseJson } from './json-read.ts';
import { isJsonArray, isJsonObject, JsonPairs, type JsonValue } from './json-value.ts';

/** How a document is written. */
export interface JsonStyle {
  /** Standard JSON: numeric keys quoted, non-ASCII escaped. Otherwise as fastjson does: numeric keys bare. */
  readonly isStrict: boolean;
  /** One member a line, indented by tabs, as RocketMQ's configuration files are. */
  readonly isPretty: boolean;
}

export const FASTJSON: JsonStyle = { isStrict: false, isPretty: false };
export const STRICT_JSON: JsonStyle = { isStrict: true, isPretty: false };
export const PRETTY_JSON: JsonStyle = { isStrict: false, isPretty: true };

/** A kind of JSON value: read leniently, as fastjson's peers write it, and written as fastjson does. */
export interface Shape<T> {
  /** @throws {ProtocolError} BODY_INVALID; `path` says where. */
  read(value: JsonValue | undefined, path: string): T;
  write(value: T, style: JsonStyle, depth: number): string;
}

/** A shape of whatever values. */
interface AnyShape {
  read(value: JsonValue | undefined, path: string): unknown;
  write(value: never, style: JsonStyle, depth: number): string;
}

/** The value a shape stands for. */
export type ValueOf<S extends AnyShape> = ReturnType<S['read']>;

const invalid = (path: string, expected: string): ProtocolError =>
  new ProtocolError('BODY_INVALID', `${path} is not ${expected}`, { path });

const quote = (text: string, { isStrict }: JsonStyle): string => {
  const quoted = JSON.stringify(text);
  if (!isStrict) return quoted;
  return quoted.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
};

const enclose = (open: string, close: string, parts: string[], style: JsonStyle, depth: number) => {
  if (!style.isPretty || parts.length === 0) return open + parts.join(',') + close;
  const indent = '\t'.repeat(depth + 1);
  return `${open}\n${parts.map((part) => indent + part).join(',\n')}\n${'\t'.repeat(depth)}${close}`;
};

const saturated = (number: number): number =>
  Math.trunc(Math.min(Math.max(number, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));

/** Text; null and absent read as `fallback`. */
export const text = (fallback?: string): Shape<string> => ({
  read(value, path) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if ((value === undefined || value === null) && fallback !== undefined) return fallback;
    throw invalid(path, 'a text');
  },
  write: quote,
});

/** An integer, also one written as text; absent reads as `fallback`, what is beyond 2^53 saturates. */
export const integer = (fallback = 0): Shape<number> => ({
  read(value, path) {
    if (value === undefined || value === null || value === '') return fallback;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && !Number.isNaN(number)) return saturated(number);
    throw invalid(path, 'an integer');
  },
  write: (value) => String(value),
});

/** A boolean, also one written as text or as 1 and 0; absent reads as `fallback`. */
export const boolean = (fallback = false): Shape<boolean> => ({
  read(value, path) {
    if (value === undefined || value === null) return fallback;
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value === 1;
    if (typeof value === 'string') return value.toLowerCase() === 'true' || value === '1';
    throw invalid(path, 'a boolean');
  },
  write: (value) => String(value),
});

/** One of an enum's constants, by name in any case or by ordinal; anything else reads as `fallback`. */
export const oneOf = <const N extends readonly string[]>(
  names: N,
  fallback: N[number],
): Shape<N[number]> => ({
  read(value) {
    if (typeof value === 'number') return names[value] ?? fallback;
    const wanted = String(value).toUpperCase();
    return names.find((name) => name === wanted) ?? fallback;
  },
  write: quote,
});

/** An array; absent reads as empty. */
export const list = <T>(item: Shape<T>): Shape<readonly T[]> => ({
  read(value, path) {
    if (value === undefined || value === null) return [];
    if (!isJsonArray(value)) throw invalid(path, 'an array');
    return value.map((each, index) => item.read(each, `${path}[${index}]`));
  },
  write: (values, style, depth) =>
    enclose(
      '[',
      ']',
      values.map((value) => item.write(value, style, depth + 1)),
      style,
      depth,
    ),
});

/** A map with text keys; absent reads as empty. */
export const textMap = <T>(item: Shape<T>): Shape<ReadonlyMap<string, T>> => ({
  read(value, path) {
    if (value === undefined || value === null) return new Map();
    if (!isJsonObject(value)) throw invalid(path, 'an object');
    return new Map(
      Object.entries(value)
        .filter(([, each]) => each !== null)
        .map(([key, each]) => [key, item.read(each, `${path}.${key}`)]),
    );
  },
  write: (map, style, depth) =>
    enclose(
      '{',
      '}',
      [...map].map(([key, each]) => `${quote(key, style)}:${item.write(each, style, depth + 1)}`),
      style,
      depth,
    ),
});

/** A map with integer keys, which fastjson writes without quotes; absent reads as empty. */
export const integerMap = <T>(item: Shape<T>): Shape<ReadonlyMap<number, T>> => ({
  read(value, path) {
    const entries = textMap(item).read(value, path);
    return new Map(
      [...entries].map(([key, each]) => {
        if (!/^-?\d+$/.test(key)) throw invalid(`${path}.${key}`, 'under an integer key');
        return [Number(key), each];
      }),
    );
  },
  write: (map, style, depth) =>
    enclose(
      '{',
      '}',
      [...map].map(([key, each]) => {
        const name = style.isStrict ? `"${key}"` : String(key);
        return `${name}:${item.write(each, style, depth + 1)}`;
      }),
      style,
      depth,
    ),
});

/** A map whose keys are objects, as fastjson writes them raw; also reads keys that are texts of such objects. */
export const objectMap = <K, T>(
  key: Shape<K>,
  item: Shape<T>,
): Shape<readonly (readonly [K, T])[]> => ({
  read(value, path) {
    if (value === undefined || value === null) return [];
    const entries = value instanceof JsonPairs ? value.entries : textEntries(value, path);
    return entries.map(([name, each]) => [
      key.read(typeof name === 'string' ? parseJson(name) : name, `${path} key`),
      item.read(each, path),
    ]);
  },
  write: (pairs, style, depth) =>
    enclose(
      '{',
      '}',
      pairs.map(([name, each]) => {
        const raw = key.write(name, style, depth + 1);
        return `${style.isStrict ? JSON.stringify(raw) : raw}:${item.write(each, style, depth + 1)}`;
      }),
      style,
      depth,
    ),
});

const textEntries = (value: JsonValue, path: string): [JsonValue, JsonValue][] => {
  if (!isJsonObject(value)) throw invalid(path, 'an object');
  return Object.entries(value);
};

/** Marks a member that may be absent. */
export interface OptionalShape<T> extends Shape<T | undefined> {
  readonly isOptional: true;
}

/** A member that may be absent, and is left out then. */
export const optional = <T>(shape: Shape<T>): OptionalShape<T> => ({
  isOptional: true,
  read: (value, path) =>
    value === undefined || value === null ? undefined : shape.read(value, path),
  write: (value, style, depth) => (value === undefined ? '' : shape.write(value, style, depth)),
});

type Members = Readonly<Record<string, AnyShape>>;
type OptionalKeys<M extends Members> = {
  [K in keyof M]: M[K] extends { readonly isOptional: true } ? K : never;
}[keyof M];
type ObjectOf<M extends Members> = {
  readonly [K in Exclude<keyof M, OptionalKeys<M>>]: ValueOf<M[K]>;
} & {
  readonly [K in OptionalKeys<M>]?: Exclude<ValueOf<M[K]>, undefined>;
};

/** An object with known members, written in the order given (RocketMQ's is alphabetical); others are ignored. */
export const object = <const M extends Members>(members: M): Shape<ObjectOf<M>> => {
  const shapes = Object.entries(members) as unknown as [string, Shape<unknown>][];
  return {
    read(value, path) {
      if (!isJsonObject(value)) throw invalid(path, 'an object');
      const read: Record<string, unknown> = {};
      for (const [name, shape] of shapes) {
        const member = shape.read(
          Object.hasOwn(value, name) ? value[name] : undefined,
          `${path}.${name}`,
        );
        if (member !== undefined) read[name] = member;
      }
      return read as ObjectOf<M>;
    },
    write(value, style, depth) {
      const given = value as Readonly<Record<string, unknown>>;
      const parts = shapes
        .filter(([name]) => given[name] !== undefined)
        .map(([name, shape]) => `"${name}":${shape.write(given[name], style, depth + 1)}`);
      return enclose('{', '}', parts, style, depth);
    },
  };
};

/** Reads a document. @throws {ProtocolError} JSON_MALFORMED, BODY_INVALID */
export const parseAs = <T>(shape: Shape<T>, document: string): T =>
  shape.read(parseJson(document), '$');

/** Writes a document. */
export const formatAs = <T>(shape: Shape<T>, value: T, style: JsonStyle = FASTJSON): string =>
  shape.write(value, style, 0);

/** Reads a body. @throws {ProtocolError} JSON_MALFORMED, BODY_INVALID; also where there is no body. */
export const decodeAs = <T>(shape: Shape<T>, body: Buffer | undefined): T => {
  if (body === undefined || body.length === 0) {
    throw new ProtocolError('BODY_INVALID', 'the request has no body');
  }
  return parseAs(shape, body.toString('utf8'));
};

/** Writes a body. */
export const encodeAs = <T>(shape: Shape<T>, value: T, style?: JsonStyle): Buffer =>
  Buffer.from(formatAs(shape, value, style));
