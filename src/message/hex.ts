const DIGITS = Buffer.from('0123456789ABCDEF');

/** Writes `value`'s low 32 bits as eight upper-case hex digits; returns the position behind them. */
export function writeHex32(target: Uint8Array, at: number, value: number): number {
  // hot path
  for (let shift = 28, position = at; shift >= 0; shift -= 4, position++) {
    target[position] = DIGITS[(value >>> shift) & 0xf] as number;
  }
  return at + 8;
}

const TWO_32 = 0x1_0000_0000;

/** Writes a number ≥ 0 as sixteen upper-case hex digits; returns the position behind them. */
export function writeHex64(target: Uint8Array, at: number, value: number): number {
  // hot path
  const high = Math.floor(value / TWO_32);
  return writeHex32(target, writeHex32(target, at, high), value - high * TWO_32);
}
