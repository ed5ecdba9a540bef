import type { WordView } from '../base/index.ts';
import { copyBytes } from '../message/index.ts';

const WORD_BYTES = 4;

/** Bytes that are written again and again: kept as words, because a store of four bytes costs what one of one byte does. */
export class Literal {
  readonly bytes: Buffer;
  /** The last word overlaps the one before where the length is no multiple of four. */
  readonly #words: Int32Array;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const words: number[] = [];
    for (let at = 0; at + WORD_BYTES < bytes.length; at += WORD_BYTES)
      words.push(bytes.readInt32BE(at));
    if (bytes.length >= WORD_BYTES) words.push(bytes.readInt32BE(bytes.length - WORD_BYTES));
    this.#words = Int32Array.from(words);
  }

  /** Writes the bytes at `at`; returns the position behind them. */
  write(target: WordView, at: number): number {
    // hot path
    const { length } = this.bytes;
    if (length < WORD_BYTES) return copyBytes(this.bytes, 0, length, target.bytes, at);
    const words = this.#words;
    const data = target.words;
    const last = words.length - 1;
    for (let index = 0; index < last; index++)
      data.setInt32(at + index * WORD_BYTES, words[index] as number);
    data.setInt32(at + length - WORD_BYTES, words[last] as number);
    return at + length;
  }
}
