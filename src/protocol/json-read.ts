import { ProtocolError } from './errors.ts';
import { resolveReferences } from './json-references.ts';
import { type JsonObject, JsonPairs, type JsonValue } from './json-value.ts';

/** Bounds of one document. */
export interface JsonLimits {
  /** Nested objects and arrays. */
  readonly depthMax: number;
  /** Values, members and elements counted together. */
  readonly valuesMax: number;
}

/** For command bodies; a frame bounds their length. */
export const BODY_JSON_LIMITS: JsonLimits = { depthMax: 64, valuesMax: 4_000_000 };
/** `$ref`s of one document: sharing must not let a small text stand for a huge tree. */
const REFERENCES_MAX = 1_024;
/** V8 keeps the whole text alive behind a slice of at least this many characters. */
const SLICE_LENGTH_MIN = 13;

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
};

const NAME_START = /[A-Za-z_$\u0080-\uffff]/;
const WORD = /[A-Za-z0-9_$.+\-\u0080-\uffff]+/y;
const NUMBER = /^[+-]?(\d+)?(\.\d*)?([eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['null', null],
  ['undefined', null],
  ['NaN', null],
  ['true', true],
  ['false', false],
]);

/** A copy of `text` that does not hold on to the document it was cut from. */
const detach = (text: string): string =>
  text.length < SLICE_LENGTH_MIN ? text : ` ${text}`.slice(1);

const numberOf = (word: string): number | undefined => {
  const match = NUMBER.exec(word);
  if (match === null || (match[1] === undefined && (match[2]?.length ?? 0) < 2)) return undefined;
  const value = Number(word);
  const isInteger = match[2] === undefined && match[3] === undefined;
  if (!isInteger) return value;
  // 64-bit integers saturate.
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
};

/** Reads what fastjson writes and accepts. One use each. */
class JsonReader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #values = 0;
  /** Position of the next backslash, as far as it was looked for. */
  #nextEscape = -1;
  references = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): JsonValue {
    this.#skipBlanks();
    if (this.#at === this.#text.length) return null;
    const value = this.#value(0);
    this.#skipBlanks();
    if (this.#at !== this.#text.length) throw this.#malformed('text goes on behind the value');
    return value;
  }

  #value(depth: number): JsonValue {
    this.#values += 1;
    if (this.#values > this.#limits.valuesMax) throw this.#malformed('too many values');
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case '"':
      case "'":
        return this.#string();
      default:
        return this.#word();
    }
  }

  #array(depth: number): JsonValue[] {
    this.#enter(depth);
    const items: JsonValue[] = [];
    while (!this.#isClosed(']')) {
      items.push(this.#value(depth));
      this.#separate(']');
    }
    return items;
  }

  #object(depth: number): JsonValue {
    this.#enter(depth);
    const object: JsonObject = {};
    let pairs: JsonPairs | undefined;
    while (!this.#isClosed('}')) {
      const key = this.#key(depth);
      this.#skipBlanks();
      if (this.#text[this.#at] !== ':') throw this.#malformed('a colon is missing');
      this.#at += 1;
      this.#skipBlanks();
      const value = this.#value(depth);
      if (typeof key !== 'string' || pairs !== undefined) {
        pairs ??= new JsonPairs(Object.entries(object));
        pairs.entries.push([key, value]);
      } else {
        setMember(object, key, value);
        if (key === '$ref') this.#countReference();
      }
      this.#separate('}');
    }
    return pairs ?? object;
  }

  /** A quoted name, a bare name or integer, or an object. */
  #key(depth: number): JsonValue {
    const first = this.#text[this.#at] ?? '';
    if (first === '"' || first === "'") return this.#string();
    if (first === '{') return this.#value(depth);
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0];
    const isName = word !== undefined && (NAME_START.test(first) || numberOf(word) !== undefined);
    if (!isName) throw this.#malformed('no key');
    this.#at += word.length;
    return detach(word);
  }

  #string(): string {
    const text = this.#text;
    const quote = text[this.#at] ?? '';
    const start = this.#at + 1;
    const end = text.indexOf(quote, start);
    if (end < 0) throw this.#malformed('a string has no end');
    if (this.#nextEscape < start) {
      // One look for all strings up to it: looking again for each would read the rest of the text every time.
      const found = text.indexOf('\\', start);
      this.#nextEscape = found < 0 ? text.length : found;
    }
    if (this.#nextEscape > end) {
      this.#at = end + 1;
      return detach(text.slice(start, end));
    }
    return this.#escapedString(quote, start);
  }

  #escapedString(quote: string, start: number): string {
    const text = this.#text;
    const parts: string[] = [];
    let from = start;
    for (let at = start; at < text.length; at++) {
      const char = text[at];
      if (char === quote) {
        parts.push(text.slice(from, at));
        this.#at = at + 1;
        return parts.join('');
      }
      if (char !== '\\') continue;
      parts.push(text.slice(from, at));
      this.#at = at;
      parts.push(this.#escape());
      from = this.#at;
      at = from - 1;
    }
    throw this.#malformed('a string has no end');
  }

  /** Undoes the escape at the cursor and moves behind it. */
  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const digits = letter === 'u' ? 4 : letter === 'x' ? 2 : 0;
    if (digits > 0) {
      const hex = this.#text.slice(this.#at + 2, this.#at + 2 + digits);
      if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits) throw this.#malformed('bad escape');
      this.#at += 2 + digits;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = letter >= '0' && letter <= '7' ? String.fromCharCode(Number(letter)) : undefined;
    const char = ESCAPES[letter] ?? plain;
    if (char === undefined) throw this.#malformed('bad escape');
    this.#at += 2;
    return char;
  }

  #word(): JsonValue {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    const value = WORDS.get(word);
    if (value === undefined) {
      const number = numberOf(word);
      if (number === undefined) throw this.#malformed('no value');
      this.#at += word.length;
      return number;
    }
    this.#at += word.length;
    return value;
  }

  #enter(depth: number): void {
    if (depth > this.#limits.depthMax) throw this.#malformed('nested too deep');
    this.#at += 1;
  }

  /** Moves behind `close` where it is next. */
  #isClosed(close: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== close) return false;
    this.#at += 1;
    return true;
  }

  /** Moves behind a comma; without one only `close` may follow. */
  #separate(close: string): void {
    this.#skipBlanks();
    const next = this.#text[this.#at];
    if (next === ',') this.#at += 1;
    else if (next !== close) throw this.#malformed(`neither a comma nor "${close}"`);
  }

  #skipBlanks(): void {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at += 1;
  }

  #countReference(): void {
    this.references += 1;
    if (this.references > REFERENCES_MAX) throw this.#malformed('too many references');
  }

  #malformed(reason: string): ProtocolError {
    return new ProtocolError('JSON_MALFORMED', `JSON: ${reason} at ${this.#at}`, {
      reason,
      at: this.#at,
    });
  }
}

/** Sets an own property whatever its name. */
const setMember = (object: JsonObject, key: string, value: JsonValue): void => {
  if (key === '__proto__') {
    Object.defineProperty(object, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else {
    object[key] = value;
  }
};

/**
 * Reads JSON as fastjson does: bare integers, bare names and whole objects as keys, single quotes, trailing commas,
 * `$ref`s resolved, integers beyond 2^53 saturated. An object with an object for a key becomes `JsonPairs`. Empty text is
 * null.
 * @throws {ProtocolError} JSON_MALFORMED
 */
export function parseJson(text: string, limits: JsonLimits = BODY_JSON_LIMITS): JsonValue {
  const reader = new JsonReader(text, limits);
  const value = reader.document();
  return reader.references === 0 ? value : resolveReferences(value);
}
