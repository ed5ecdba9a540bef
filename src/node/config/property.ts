import type { MachineFacts } from './machine-facts.ts';

/** A value of a configuration key; RocketMQ's `null` strings are empty here. */
export type PropertyValue = number | boolean | string;

/**
 * What a key does here. `works`: it acts as in RocketMQ. `noEffect`: known, accepted, and said once at the start when
 * it is set to something else than its default.
 */
export type PropertyStatus = 'works' | 'noEffect';

/** One configuration key as data: parsing, defaults, `-p`, the manual page and the types derive from it. */
export interface Property<V extends PropertyValue = PropertyValue> {
  /** Java's type of the setter; `choice` is an enum read by name. */
  readonly type: 'int' | 'long' | 'boolean' | 'string' | 'choice';
  /** The default on this machine. */
  fallback(facts: MachineFacts): V;
  /** The default as the manual shows it. */
  readonly fallbackText: string;
  readonly meaning: string;
  /** Shown by `mqbroker -m`. */
  readonly isImportant: boolean;
  readonly status: PropertyStatus;
  /** The allowed names of a `choice`. */
  readonly choices: readonly string[];
  readonly valueMin: number;
  readonly valueMax: number;
  /** Why the node must not start with this value, with the remedy; `undefined` where it may. */
  refusal(value: V): string | undefined;
}

/** The keys of one of RocketMQ's configuration objects, in its order. */
export type PropertyTable = Readonly<Record<string, Property>>;

/** The typed values of a table. */
export type ValuesOf<T extends PropertyTable> = {
  readonly [K in keyof T]: T[K] extends Property<infer V> ? V : never;
};

/** Properties of a key that are named only where they hold. */
export type Mark = 'works' | 'important';

type Fallback<V> = V | { readonly text: string; readonly read: (facts: MachineFacts) => V };

const INT_MAX = 0x7fff_ffff;

const define = <V extends PropertyValue>(
  type: Property['type'],
  fallback: Fallback<V>,
  meaning: string,
  marks: readonly Mark[],
): Property<V> => ({
  type,
  fallback: (facts) => (typeof fallback === 'object' ? fallback.read(facts) : fallback),
  fallbackText: typeof fallback === 'object' ? fallback.text : String(fallback),
  meaning,
  isImportant: marks.includes('important'),
  status: marks.includes('works') ? 'works' : 'noEffect',
  choices: [],
  valueMin: type === 'int' ? -INT_MAX - 1 : Number.MIN_SAFE_INTEGER,
  valueMax: type === 'int' ? INT_MAX : Number.MAX_SAFE_INTEGER,
  refusal: () => undefined,
});

/** A default that depends on the machine; `text` is how the manual shows it. */
export const computed = <V extends PropertyValue>(
  text: string,
  read: (facts: MachineFacts) => V,
): { readonly text: string; readonly read: (facts: MachineFacts) => V } => ({ text, read });

/** A key of Java type int. */
export const int = (
  fallback: Fallback<number>,
  meaning: string,
  ...marks: Mark[]
): Property<number> => define('int', fallback, meaning, marks);

/** A key of Java type long; values beyond 2^53 saturate. */
export const long = (
  fallback: Fallback<number>,
  meaning: string,
  ...marks: Mark[]
): Property<number> => define('long', fallback, meaning, marks);

/** A key of Java type boolean. */
export const flag = (
  fallback: Fallback<boolean>,
  meaning: string,
  ...marks: Mark[]
): Property<boolean> => define('boolean', fallback, meaning, marks);

/** A key of Java type String. */
export const text = (
  fallback: Fallback<string>,
  meaning: string,
  ...marks: Mark[]
): Property<string> => define('string', fallback, meaning, marks);

/** A key whose value is one of a few names. */
export const choice = <const C extends string>(
  choices: readonly C[],
  fallback: C,
  meaning: string,
  ...marks: Mark[]
): Property<C> => ({ ...define<C>('choice', fallback, meaning, marks), choices });

/** A number outside of `[valueMin, valueMax]` stops the start. */
export const within = (
  valueMin: number,
  valueMax: number,
  property: Property<number>,
): Property<number> => ({ ...property, valueMin, valueMax });

/** A key that promises something this version lacks: a value with a reason stops the start. */
export const refusing = <V extends PropertyValue>(
  property: Property<V>,
  refusal: (value: V) => string | undefined,
): Property<V> => ({ ...property, refusal });
