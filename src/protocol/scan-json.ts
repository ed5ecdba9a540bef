import { BACKSLASH, escapeLength, QUOTE } from './json-bytes.ts';
import { LANGUAGE_JAVA, languageCode } from './language.ts';
import type { RequestView } from './request-view.ts';
import { hasShortNames, longSlot, SHORT_SLOTS, SLOT_COUNT, shortSlot } from './slots.ts';

// One pass over a JSON header in the form compact writers give it: no blanks, double quotes, header fields as strings,
// top-level numbers bare. Anything else is not wrong but not for here: the functions return 0 (or false) and the
// tolerant reader takes over.

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COLON = 0x3a;
const COMMA = 0x2c;
const MINUS = 0x2d;
/** Digits of an int32 that cannot overflow a small integer on the way. */
const INT_DIGITS_MAX = 10;

/** The top-level integers. */
const CODE = 0;
const FLAG = 1;
const OPAQUE = 2;
const VERSION = 3;

const TOP = {
  code: Buffer.from('code'),
  flag: Buffer.from('flag'),
  opaque: Buffer.from('opaque'),
  version: Buffer.from('version'),
  language: Buffer.from('language'),
  extFields: Buffer.from('extFields'),
} as const;

const JAVA = Buffer.from('JAVA');

const isName = (buffer: Buffer, start: number, name: Buffer): boolean => {
  // hot path
  for (let index = 0; index < name.length; index++) {
    if (buffer[start + index] !== name[index]) return false;
  }
  return true;
};

/** Index of the quote that ends the string begun at `start`, or 0 where it has escapes, or no end. */
const endOfPlain = (buffer: Buffer, start: number, end: number): number => {
  // hot path
  for (let at = start; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) return 0;
  }
  return 0;
};

/** Index of the quote that ends the string begun at `start` with escapes ahead, or 0. */
const endOfEscaped = (buffer: Buffer, start: number, end: number): number => {
  // hot path
  let at = start;
  while (at < end) {
    const byte = buffer[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) {
      const length = escapeLength(buffer, at);
      if (length === 0) return 0;
      at += length;
    } else {
      at += 1;
    }
  }
  return 0;
};

/** Slot of the name `buffer[keyStart … keyEnd)`, plus `SLOT_COUNT` for a short one; -1 for an unknown one. */
const slotOf = (buffer: Buffer, keyStart: number, keyEnd: number): number => {
  // hot path
  if (keyEnd - keyStart !== 1) return longSlot(buffer, keyStart, keyEnd);
  const slot = shortSlot(buffer[keyStart] as number);
  return slot < 0 ? -1 : slot + SLOT_COUNT;
};

const noteSlot = (view: RequestView, name: number, start: number, end: number): void => {
  // hot path
  const isShort = name >= SLOT_COUNT;
  const slot = isShort ? name - SLOT_COUNT : name;
  if (isShort) view.shortSeen |= 1 << slot;
  else view.longSeen |= 1 << slot;
  view.starts[slot] = start;
  view.ends[slot] = end;
};

/** Scans the object at `start`; returns the index behind it, or 0. */
const scanFields = (view: RequestView, start: number, end: number): number => {
  // hot path
  const { buffer } = view;
  let at = start + 1;
  // Fields from a second object would mix with those of the first.
  if (buffer[start] !== OPEN || (view.shortSeen | view.longSeen) !== 0) return 0;
  if (buffer[at] === CLOSE) return at + 1;
  while (at < end) {
    if (buffer[at] !== QUOTE) return 0;
    const keyStart = at + 1;
    const keyEnd = endOfPlain(buffer, keyStart, end);
    if (keyEnd === 0 || buffer[keyEnd + 1] !== COLON || buffer[keyEnd + 2] !== QUOTE) return 0;
    const name = slotOf(buffer, keyStart, keyEnd);
    const textStart = keyEnd + 3;
    let textEnd = endOfPlain(buffer, textStart, end);
    const isEscaped = textEnd === 0;
    if (isEscaped) {
      textEnd = endOfEscaped(buffer, textStart, end);
      if (textEnd === 0) return 0;
    }
    if (name >= 0) {
      noteSlot(view, name, textStart, textEnd);
      const bit = 1 << (name >= SLOT_COUNT ? name - SLOT_COUNT : name);
      view.escaped = isEscaped ? view.escaped | bit : view.escaped & ~bit;
    }
    const next = buffer[textEnd + 1];
    at = textEnd + 2;
    if (next === CLOSE) return at;
    if (next !== COMMA) return 0;
  }
  return 0;
};

/** Index behind the bare integer at `start`, or 0. Its value goes to the field that `name` says. */
const scanInt = (view: RequestView, name: number, start: number, end: number): number => {
  // hot path
  const { buffer } = view;
  let at = buffer[start] === MINUS ? start + 1 : start;
  const first = at;
  let value = 0;
  for (; at < end; at++) {
    const digit = (buffer[at] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at === first || at - first > INT_DIGITS_MAX) return 0;
  if (first !== start) value = 0 - value;
  if (value > 0x7fffffff || value < -0x80000000) return 0;
  if (name === CODE) view.code = value;
  else if (name === FLAG) view.flag = value;
  else if (name === VERSION) view.version = value;
  else {
    view.opaque = value;
    view.opaqueStart = start;
    view.opaqueEnd = at;
  }
  return at;
};

const scanLanguage = (view: RequestView, start: number, end: number): number => {
  // hot path
  const { buffer } = view;
  if (buffer[start] !== QUOTE) return 0;
  const valueEnd = endOfPlain(buffer, start + 1, end);
  if (valueEnd === 0) return 0;
  const isJava = valueEnd - start === 5 && isName(buffer, start + 1, JAVA);
  view.language = isJava
    ? LANGUAGE_JAVA
    : languageCode(buffer.toString('utf8', start + 1, valueEnd));
  return valueEnd + 1;
};

const skipString = (buffer: Buffer, start: number, end: number): number => {
  if (buffer[start] !== QUOTE) return 0;
  const valueEnd = endOfEscaped(buffer, start + 1, end);
  return valueEnd === 0 ? 0 : valueEnd + 1;
};

/** Scans the value of the top-level key `buffer[keyStart … keyEnd)`; returns the index behind it, or 0. */
const scanTop = (view: RequestView, keyStart: number, keyEnd: number, end: number): number => {
  // hot path
  const { buffer } = view;
  const at = keyEnd + 2;
  switch (keyEnd - keyStart) {
    case 4:
      if (isName(buffer, keyStart, TOP.code)) return scanInt(view, CODE, at, end);
      if (isName(buffer, keyStart, TOP.flag)) return scanInt(view, FLAG, at, end);
      break;
    case 6:
      if (isName(buffer, keyStart, TOP.opaque)) return scanInt(view, OPAQUE, at, end);
      break;
    case 7:
      if (isName(buffer, keyStart, TOP.version)) return scanInt(view, VERSION, at, end);
      break;
    case 8:
      if (isName(buffer, keyStart, TOP.language)) return scanLanguage(view, at, end);
      break;
    case 9:
      if (isName(buffer, keyStart, TOP.extFields)) return scanFields(view, at, end);
      break;
    default:
  }
  return skipString(buffer, at, end);
};

const isBlank = (buffer: Buffer, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if ((buffer[at] as number) > 0x20) return false;
  return true;
};

/**
 * Decides which names count, now that the code is known.
 * @returns false where short and long names of one field are both there
 */
export function settleNames(view: RequestView): boolean {
  // hot path
  if ((view.shortSeen & view.longSeen) !== 0) return false;
  view.present = hasShortNames(view.code)
    ? view.shortSeen | (view.longSeen & ~SHORT_SLOTS)
    : view.longSeen;
  return true;
}

/** Scans a JSON header in its usual form; false where it has another. */
export function scanJsonHeader(view: RequestView): boolean {
  // hot path
  const { buffer, headerEnd: end } = view;
  let at = view.headerStart;
  if (buffer[at] !== OPEN) return false;
  at += 1;
  while (at < end) {
    if (buffer[at] !== QUOTE) return false;
    const keyEnd = endOfPlain(buffer, at + 1, end);
    if (keyEnd === 0 || buffer[keyEnd + 1] !== COLON) return false;
    at = scanTop(view, at + 1, keyEnd, end);
    if (at === 0 || at >= end) return false;
    const next = buffer[at];
    at += 1;
    if (next === CLOSE) return isBlank(buffer, at, end) && settleNames(view);
    if (next !== COMMA) return false;
  }
  return false;
}
