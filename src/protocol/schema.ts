import { ProtocolError } from './errors.ts';
import type { ExtFields } from './header-facts.ts';

/** What a field tag stands for. */
export interface Scalars {
  string: string;
  int32: number;
  /** Saturates to ±Number.MAX_SAFE_INTEGER: clients really send Long.MAX_VALUE. */
  int64: number;
  boolean: boolean;
  topicFilterType: 'SINGLE_TAG' | 'MULTI_TAG';
}

/** The type of a header field. */
export type FieldTag = keyof Scalars;

/** Header fields by name; a tag with `?` may be absent. */
export type Fields = Readonly<Record<string, FieldTag | `${FieldTag}?`>>;

type HeaderOfFields<F extends Fields> = {
  readonly [K in keyof F as F[K] extends FieldTag ? K : never]: F[K] extends FieldTag
    ? Scalars[F[K]]
    : never;
} & {
  readonly [K in keyof F as F[K] extends FieldTag
    ? never
    : K]?: F[K] extends `${infer T extends FieldTag}?` ? Scalars[T] : never;
};

/** How one field is read and written. */
export interface FieldPlan {
  readonly name: string;
  /** Name on the wire. */
  readonly key: string;
  readonly tag: FieldTag;
  readonly isRequired: boolean;
}

/** A compiled header: made by `defineCommand`. */
export interface HeaderSchema<F extends Fields = Fields> {
  readonly fields: F;
  readonly plan: readonly FieldPlan[];
}

/** The header object of a schema: `HeaderOf<typeof PullMessage.request>`. */
export type HeaderOf<S extends HeaderSchema> =
  S extends HeaderSchema<infer F> ? HeaderOfFields<F> : never;

/** Who answers a command. `relay`: a broker, which asks a client. */
export type CommandTarget = 'broker' | 'namesrv' | 'client' | 'relay' | 'filtersrv';

/** One command as data. */
export interface CommandDefinition<
  Q extends HeaderSchema = HeaderSchema,
  S extends HeaderSchema = HeaderSchema,
  N extends string = string,
  C extends number = number,
> {
  /** RocketMQ's constant. */
  readonly name: N;
  readonly code: C;
  readonly to: CommandTarget;
  readonly request: Q;
  readonly response: S;
}

/** The plain form a command is written in. */
export interface CommandSource<
  N extends string,
  C extends number,
  Q extends Fields,
  S extends Fields,
> {
  readonly name: N;
  readonly code: C;
  readonly to: CommandTarget;
  readonly request?: Q;
  readonly response?: S;
  /** Names on the wire where they differ from the request's field names. */
  readonly wire?: { readonly [K in keyof Q]?: string };
}

type NoFields = Readonly<Record<never, FieldTag>>;

const compile = <F extends Fields>(
  fields: F,
  wire: Readonly<Record<string, string | undefined>>,
): HeaderSchema<F> => ({
  fields,
  plan: Object.entries(fields).map(([name, tag]) => ({
    name,
    key: wire[name] ?? name,
    tag: (tag.endsWith('?') ? tag.slice(0, -1) : tag) as FieldTag,
    isRequired: !tag.endsWith('?'),
  })),
});

/** Makes a command from its plain form: types, codecs, tests and tables derive from it. */
export function defineCommand<
  const N extends string,
  const C extends number,
  const Q extends Fields = NoFields,
  const S extends Fields = NoFields,
>(source: CommandSource<N, C, Q, S>): CommandDefinition<HeaderSchema<Q>, HeaderSchema<S>, N, C> {
  return {
    name: source.name,
    code: source.code,
    to: source.to,
    request: compile(source.request ?? ({} as Q), source.wire ?? {}),
    response: compile(source.response ?? ({} as S), {}),
  };
}

const INTEGER = /^[+-]?\d+$/;

/** A field's value, or `undefined` for a text that is not of its type. */
const parseField = (tag: FieldTag, text: string): string | number | boolean | undefined => {
  switch (tag) {
    case 'string':
      return text;
    case 'boolean':
      return text.toLowerCase() === 'true';
    case 'topicFilterType':
      return text === 'SINGLE_TAG' || text === 'MULTI_TAG' ? text : undefined;
    default: {
      if (!INTEGER.test(text)) return undefined;
      const value = Number(text);
      if (tag === 'int32') return Math.abs(value + 0.5) <= 0x80000000 ? value + 0 : undefined;
      return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) + 0;
    }
  }
};

/**
 * Reads a typed header out of a command's fields. Unknown fields are ignored; an optional field whose text is not of its
 * type counts as absent, as in Java.
 * @throws {ProtocolError} FIELD_MISSING, FIELD_INVALID; `details.field` is the name on the wire
 */
export function decodeHeader<S extends HeaderSchema>(
  schema: S,
  extFields: ExtFields | undefined,
): HeaderOf<S> {
  const header: Record<string, string | number | boolean> = {};
  for (const { name, key, tag, isRequired } of schema.plan) {
    const text =
      extFields !== undefined && Object.hasOwn(extFields, key) ? extFields[key] : undefined;
    if (text === undefined) {
      if (!isRequired) continue;
      throw new ProtocolError('FIELD_MISSING', `the custom field <${key}> is null`, { field: key });
    }
    const value = parseField(tag, text);
    if (value !== undefined) header[name] = value;
    else if (isRequired) throw invalidField(key, text);
  }
  return header as unknown as HeaderOf<S>;
}

const FIELD_TEXT_MAX = 64;

const invalidField = (key: string, text: string): ProtocolError => {
  const value = text.slice(0, FIELD_TEXT_MAX);
  return new ProtocolError('FIELD_INVALID', `${key} = [${value}] value invalid`, { field: key });
};

/** Writes a typed header as fields, in the definition's order. */
export function encodeHeader<S extends HeaderSchema>(schema: S, header: HeaderOf<S>): ExtFields {
  const values = header as Readonly<Record<string, string | number | boolean | undefined>>;
  const extFields: Record<string, string> = {};
  for (const { name, key } of schema.plan) {
    const value = values[name];
    if (value !== undefined) extFields[key] = String(value);
  }
  return extFields;
}
