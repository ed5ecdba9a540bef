// JSON string contents as bytes: escapes undone and made without strings in between.

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const QUESTION_MARK = 0x3f;

const hexDigit = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

/** The code unit of the four hex digits at `at`; negative where they are none. */
const unitAt = (source: Buffer, at: number): number => {
  let unit = 0;
  for (let index = 0; index < 4; index++) {
    const digit = hexDigit(source[at + index] as number);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
};

/** The byte a one-letter escape stands for; -1 for letters that are none of JSON's. */
const simpleEscape = (letter: number): number => {
  switch (letter) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
      return letter;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return -1;
  }
};

/** Length of the escape that begins with the backslash at `at`: 2 or 6; 0 where it is no JSON escape. */
export function escapeLength(source: Buffer, at: number): number {
  // hot path
  const letter = source[at + 1] as number;
  if (letter === LOWER_U) return unitAt(source, at + 2) < 0 ? 0 : 6;
  return simpleEscape(letter) < 0 ? 0 : 2;
}

const writeUtf8 = (target: Buffer, at: number, point: number): number => {
  if (point < 0x80) {
    target[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    target[at] = 0xc0 | (point >> 6);
    target[at + 1] = 0x80 | (point & 0x3f);
    return at + 2;
  }
  if (point < 0x10000) {
    target[at] = 0xe0 | (point >> 12);
    target[at + 1] = 0x80 | ((point >> 6) & 0x3f);
    target[at + 2] = 0x80 | (point & 0x3f);
    return at + 3;
  }
  target[at] = 0xf0 | (point >> 18);
  target[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  target[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  target[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
};

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/**
 * Writes the contents of a JSON string, escapes undone, as UTF-8. A lone surrogate becomes `?`, as Java encodes it. Never
 * writes more than `end - start` bytes. The escapes must have been checked with `escapeLength`.
 * @returns the position behind the last byte written
 */
export function unescapeTo(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  // hot path
  let to = at;
  let from = start;
  while (from < end) {
    const byte = source[from] as number;
    if (byte !== BACKSLASH) {
      target[to] = byte;
      to += 1;
      from += 1;
      continue;
    }
    const letter = source[from + 1] as number;
    if (letter !== LOWER_U) {
      target[to] = simpleEscape(letter);
      to += 1;
      from += 2;
      continue;
    }
    const unit = unitAt(source, from + 2);
    from += 6;
    if (unit < 0x80) {
      target[to] = unit;
      to += 1;
      continue;
    }
    const isPair =
      isHighSurrogate(unit) &&
      from + 6 <= end &&
      source[from] === BACKSLASH &&
      source[from + 1] === LOWER_U &&
      isLowSurrogate(unitAt(source, from + 2));
    if (isPair) {
      const low = unitAt(source, from + 2);
      to = writeUtf8(target, to, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
      from += 6;
    } else {
      const isLone = isHighSurrogate(unit) || isLowSurrogate(unit);
      to = writeUtf8(target, to, isLone ? QUESTION_MARK : unit);
    }
  }
  return to;
}
