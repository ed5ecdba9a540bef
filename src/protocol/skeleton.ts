import { BACKSLASH, escapeLength, QUOTE } from './json-bytes.ts';
import type { RequestView } from './request-view.ts';
import { SLOT_COUNT } from './slots.ts';

// A client writes the same header again and again: only `opaque` and the texts of some fields change. A skeleton is a
// header that was scanned before, without those values; the bytes between them (*leads*) are compared four at a time, which
// costs a quarter of looking at each byte.
//
// K1: a header that fits a skeleton means what the full scan would have found: leads are equal byte for byte, a text ends at
//     its first quote that is not escaped, its escapes are checked.
// K2: a skeleton is replaced only after several misses in a row, so that two clients that write differently do not make
//     each other's skeleton for every message; a replacement that was never of use doubles the misses that it takes.

/** Headers begin so; the code after it chooses the skeleton. */
const HEAD = [0x7b22636f, 0x6465223a] as const;
const HEAD_BYTES = 8;
const PLACES = 16;
const CODE_DIGITS_MAX = 5;
/** K2 */
const PATIENCE_MIN = 4;
const PATIENCE_MAX = 128;
/** Longest header that is worth a skeleton. */
const SKELETON_BYTES_MAX = 4_096;
/** Stands for `opaque` among the slots of the values. */
const OPAQUE = SLOT_COUNT;
const OPAQUE_DIGITS_MAX = 10;

interface ValuePlace {
  readonly slot: number;
  readonly start: number;
  readonly end: number;
}

/** One learned header. */
class Skeleton {
  readonly code: number;
  readonly flag: number;
  readonly version: number;
  readonly language: number;
  readonly present: number;
  /** Per lead: its length; the last one ends the header. */
  readonly leadBytes: Int32Array;
  /** Words of all leads, each lead's last word overlapping the one before where its length is no multiple of four. */
  readonly words: Int32Array;
  /** Per value: its slot, or `OPAQUE`. */
  readonly slots: Int32Array;

  constructor(view: RequestView, data: DataView, places: readonly ValuePlace[]) {
    this.code = view.code;
    this.flag = view.flag;
    this.version = view.version;
    this.language = view.language;
    this.present = view.present;
    this.slots = Int32Array.from(places, (place) => place.slot);
    const starts = [view.headerStart, ...places.map((place) => place.end)];
    const ends = [...places.map((place) => place.start), view.headerEnd];
    this.leadBytes = Int32Array.from(starts, (start, index) => (ends[index] ?? 0) - start);
    const words: number[] = [];
    for (const [index, start] of starts.entries()) {
      const last = (ends[index] ?? 0) - 4;
      for (let at = start; at < last; at += 4) words.push(data.getInt32(at));
      words.push(data.getInt32(last));
    }
    this.words = Int32Array.from(words);
  }
}

/** Index of the quote that ends the text at `start`, negative where it has escapes, 0 where it is malformed. */
const endOfText = (buffer: Buffer, start: number, end: number): number => {
  // hot path
  let isEscaped = false;
  for (let at = start; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte === QUOTE) return isEscaped ? -at : at;
    if (byte === BACKSLASH) {
      const length = escapeLength(buffer, at);
      if (length === 0) return 0;
      isEscaped = true;
      at += length - 1;
    }
  }
  return 0;
};

/** The skeletons of one view. */
export class Skeletons {
  readonly #places: (Skeleton | undefined)[] = new Array(PLACES).fill(undefined);
  readonly #misses = new Uint8Array(PLACES);
  /** Misses in a row after which a place's skeleton is replaced. */
  readonly #patience = new Uint8Array(PLACES).fill(PATIENCE_MIN);
  #buffer: Buffer | undefined;
  #data: DataView = new DataView(new ArrayBuffer(0));
  /** Place of the last header; -1 where it does not begin with its code. */
  #place = -1;

  /** Scans a header that was seen before; false where it is another. */
  match(view: RequestView): boolean {
    // hot path
    if (view.buffer !== this.#buffer) {
      const { buffer } = view;
      this.#buffer = buffer;
      this.#data = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    }
    this.#place = this.#choose(view);
    if (this.#place < 0) return false;
    const skeleton = this.#places[this.#place];
    if (skeleton === undefined || !this.#fill(view, skeleton)) return false;
    this.#misses[this.#place] = 0;
    this.#patience[this.#place] = PATIENCE_MIN;
    view.code = skeleton.code;
    view.flag = skeleton.flag;
    view.version = skeleton.version;
    view.language = skeleton.language;
    view.present = skeleton.present;
    return true;
  }

  /** Remembers the header that was scanned in full after `match` failed. K2 */
  learn(view: RequestView): void {
    const place = this.#place;
    if (place < 0 || view.headerEnd - view.headerStart > SKELETON_BYTES_MAX) return;
    if (this.#places[place] !== undefined) {
      const misses = (this.#misses[place] as number) + 1;
      const patience = this.#patience[place] as number;
      this.#misses[place] = misses;
      if (misses < patience) return;
      this.#patience[place] = Math.min(2 * patience, PATIENCE_MAX);
    }
    this.#misses[place] = 0;
    this.#places[place] = this.#skeletonOf(view);
  }

  #choose(view: RequestView): number {
    // hot path
    const at = view.headerStart;
    if (view.headerEnd - at < HEAD_BYTES + CODE_DIGITS_MAX) return -1;
    if (this.#data.getInt32(at) !== HEAD[0] || this.#data.getInt32(at + 4) !== HEAD[1]) return -1;
    let code = 0;
    for (let index = 0; index < CODE_DIGITS_MAX; index++) {
      const digit = (view.buffer[at + HEAD_BYTES + index] as number) - 0x30;
      if (digit < 0 || digit > 9) return index === 0 ? -1 : code & (PLACES - 1);
      code = code * 10 + digit;
    }
    return -1;
  }

  /** K1 */
  #fill(view: RequestView, skeleton: Skeleton): boolean {
    // hot path
    const { buffer, headerEnd: end } = view;
    const { slots, leadBytes, words } = skeleton;
    let at = view.headerStart;
    let word = 0;
    for (let index = 0; index < slots.length; index++) {
      const bytes = leadBytes[index] as number;
      if (at + bytes > end || !this.#isLead(at, bytes, words, word)) return false;
      at += bytes;
      word += (bytes + 3) >>> 2;
      const slot = slots[index] as number;
      if (slot === OPAQUE) {
        at = this.#opaque(view, at, end);
      } else {
        view.starts[slot] = at;
        at = endOfText(buffer, at, end);
        if (at < 0) {
          view.escaped |= 1 << slot;
          at = -at;
        }
        view.ends[slot] = at;
      }
      if (at === 0) return false;
    }
    return (
      at + (leadBytes[slots.length] as number) === end &&
      this.#isLead(at, leadBytes[slots.length] as number, words, word)
    );
  }

  #isLead(at: number, bytes: number, words: Int32Array, first: number): boolean {
    // hot path
    const data = this.#data;
    const last = at + bytes - 4;
    let word = first;
    for (let position = at; position < last; position += 4, word++) {
      if (data.getInt32(position) !== words[word]) return false;
    }
    return data.getInt32(last) === words[word];
  }

  #opaque(view: RequestView, start: number, end: number): number {
    // hot path
    const { buffer } = view;
    const isNegative = buffer[start] === 0x2d;
    const first = isNegative ? start + 1 : start;
    let at = first;
    let value = 0;
    for (; at < end; at++) {
      const digit = (buffer[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === first || at - first > OPAQUE_DIGITS_MAX) return 0;
    if (isNegative) value = 0 - value;
    if (value > 0x7fffffff || value < -0x80000000) return 0;
    view.opaque = value;
    return at;
  }

  #skeletonOf(view: RequestView): Skeleton | undefined {
    const seen = view.shortSeen | view.longSeen;
    const places: ValuePlace[] = [];
    if (view.opaqueStart > 0) {
      places.push({ slot: OPAQUE, start: view.opaqueStart, end: view.opaqueEnd });
    }
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      if ((seen & (1 << slot)) === 0) continue;
      places.push({ slot, start: view.starts[slot] as number, end: view.ends[slot] as number });
    }
    places.sort((left, right) => left.start - right.start);
    // A lead shorter than a word cannot be compared: the last one may be `"}}`, which is rare enough to go without.
    const last = places[places.length - 1];
    if (last === undefined || view.headerEnd - last.end < 4) return undefined;
    return new Skeleton(view, this.#data, places);
  }
}
