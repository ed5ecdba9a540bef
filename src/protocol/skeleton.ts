import { BACKSLASH, escapeLength, QUOTE } from './json-bytes.ts';
import type { RequestView } from './request-view.ts';
import { SLOT_COUNT } from './slots.ts';

// A client writes the same header again and again: only `opaque` and the texts of some fields change. A skeleton is a
// header that was scanned before, without the values that change; the bytes between them (*leads*), which hold the other
// values, are compared four at a time, which costs a quarter of looking at each byte.
//
// K1: a header that fits a skeleton means what the full scan would have found: leads are equal byte for byte, a text ends at
//     its first quote that is not escaped, its escapes are checked.
// K2: a skeleton is replaced only after several misses in a row, so that two clients that write differently do not make
//     each other's skeleton for every message; a replacement that was never of use doubles the misses that it takes.
// K3: `opaque` changes; any other value does once two headers with the same fields differed in it. A skeleton learns that
//     at the first miss, once for each field at most, as long as not too many misses were about something else.

/** Headers begin so; the code after it chooses the skeleton. */
const HEAD = [0x7b22636f, 0x6465223a] as const;
const HEAD_BYTES = 8;
const PLACES = 16;
const CODE_DIGITS_MAX = 5;
/** K2 */
const PATIENCE_MIN = 4;
const PATIENCE_MAX = 128;
/** K3: a look costs several scans, and finds nothing in what another client writes. */
const VAIN_MAX = 16;
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

const textOf = (header: Buffer, { start, end }: ValuePlace): Buffer => header.subarray(start, end);

/** One learned header. */
class Skeleton {
  readonly code: number;
  readonly flag: number;
  readonly version: number;
  readonly language: number;
  readonly present: number;
  /** K3: bit per slot. */
  readonly changing: number;
  /** Of the values that do not change, those with escapes: bit per slot. */
  readonly escaped: number;
  /** Per lead: its length; the last one ends the header. */
  readonly leadBytes: Int32Array;
  /** Words of all leads, each lead's last word overlapping the one before where its length is no multiple of four. */
  readonly words: Int32Array;
  /** Per value that changes: its slot, or `OPAQUE`. */
  readonly slots: Int32Array;
  /** Per lead: how many values lie in it and in those before. */
  readonly constantsBefore: Int32Array;
  /** Per value that does not change: its slot, and where in its lead it begins and ends. */
  readonly constantSlots: Int32Array;
  readonly constantStarts: Int32Array;
  readonly constantEnds: Int32Array;
  readonly #header: Buffer;
  /** Of all values, in order, from the start of the header. */
  readonly #places: readonly ValuePlace[];

  constructor(view: RequestView, places: readonly ValuePlace[], changing: number) {
    this.code = view.code;
    this.flag = view.flag;
    this.version = view.version;
    this.language = view.language;
    this.present = view.present;
    this.changing = changing;
    this.escaped = view.escaped & ~changing;
    this.#header = Buffer.from(view.buffer.subarray(view.headerStart, view.headerEnd));
    this.#places = places;
    const isChanging = ({ slot }: ValuePlace): boolean =>
      slot === OPAQUE || (changing & (1 << slot)) !== 0;
    const moving = places.filter(isChanging);
    const constants = places.filter((place) => !isChanging(place));
    this.slots = Int32Array.from(moving, ({ slot }) => slot);
    const starts = [0, ...moving.map(({ end }) => end)];
    const ends = [...moving.map(({ start }) => start), this.#header.length];
    const leads = starts.map((start, index) => ({ start, end: ends[index] ?? 0 }));
    this.leadBytes = Int32Array.from(leads, ({ start, end }) => end - start);
    this.words = Int32Array.from(leads.flatMap((lead) => this.#wordsOf(lead)));
    this.constantsBefore = Int32Array.from(
      leads,
      (lead) => constants.filter(({ end }) => end <= lead.end).length,
    );
    const leadStart = (place: ValuePlace): number =>
      leads.findLast(({ start }) => start <= place.start)?.start ?? 0;
    this.constantSlots = Int32Array.from(constants, ({ slot }) => slot);
    this.constantStarts = Int32Array.from(constants, (place) => place.start - leadStart(place));
    this.constantEnds = Int32Array.from(constants, (place) => place.end - leadStart(place));
  }

  /** K3, with a header of `places` taken into account; -1 where it has other fields, or has them in another order. */
  changingWith(view: RequestView, places: readonly ValuePlace[]): number {
    if (places.length !== this.#places.length) return -1;
    const header = view.buffer.subarray(view.headerStart, view.headerEnd);
    let { changing } = this;
    for (const [index, place] of this.#places.entries()) {
      const other = places[index];
      if (other?.slot !== place.slot) return -1;
      if (place.slot === OPAQUE || textOf(header, other).equals(textOf(this.#header, place)))
        continue;
      changing |= 1 << place.slot;
    }
    return changing;
  }

  #wordsOf({ start, end }: Pick<ValuePlace, 'start' | 'end'>): number[] {
    const words: number[] = [];
    const last = end - 4;
    for (let at = start; at < last; at += 4) words.push(this.#header.readInt32LE(at));
    words.push(this.#header.readInt32LE(last));
    return words;
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
  /** Looks at a place's skeleton that found no value to change. K3 */
  readonly #vain = new Uint8Array(PLACES);
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

  /** Remembers the header that was scanned in full after `match` failed. */
  learn(view: RequestView): void {
    const place = this.#place;
    if (place < 0 || view.headerEnd - view.headerStart > SKELETON_BYTES_MAX) return;
    const known = this.#places[place];
    const isDue = known === undefined || this.#isReplaced(place);
    if (!isDue && (this.#vain[place] as number) >= VAIN_MAX) return;
    const places = placesOf(view);
    const changing = known === undefined ? 0 : known.changingWith(view, places);
    const isMoreChanging = known !== undefined && changing >= 0 && changing !== known.changing; // K3
    if (!isDue && !isMoreChanging) {
      this.#vain[place] = (this.#vain[place] as number) + 1;
      return;
    }
    this.#misses[place] = 0;
    this.#vain[place] = 0;
    this.#places[place] = new Skeleton(view, places, Math.max(changing, 0));
  }

  /** Counts a miss: whether it was one too many. K2 */
  #isReplaced(place: number): boolean {
    const misses = (this.#misses[place] as number) + 1;
    const patience = this.#patience[place] as number;
    this.#misses[place] = misses;
    if (misses < patience) return false;
    this.#patience[place] = Math.min(2 * patience, PATIENCE_MAX);
    return true;
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
    const { headerEnd: end } = view;
    const { slots, leadBytes, words } = skeleton;
    let at = view.headerStart;
    let word = 0;
    for (let index = 0; index < slots.length; index++) {
      const bytes = leadBytes[index] as number;
      if (at + bytes > end || !this.#isLead(at, bytes, words, word)) return false;
      this.#fillConstants(view, skeleton, index, at);
      at = this.#value(view, slots[index] as number, at + bytes, end);
      if (at === 0) return false;
      word += (bytes + 3) >>> 2;
    }
    const bytes = leadBytes[slots.length] as number;
    if (at + bytes !== end || !this.#isLead(at, bytes, words, word)) return false;
    this.#fillConstants(view, skeleton, slots.length, at);
    view.escaped |= skeleton.escaped;
    return true;
  }

  /** The values in a lead that begins at `at`. */
  #fillConstants(view: RequestView, skeleton: Skeleton, lead: number, at: number): void {
    // hot path
    const { constantsBefore, constantSlots, constantStarts, constantEnds } = skeleton;
    const end = constantsBefore[lead] as number;
    for (let index = lead === 0 ? 0 : (constantsBefore[lead - 1] as number); index < end; index++) {
      const slot = constantSlots[index] as number;
      view.starts[slot] = at + (constantStarts[index] as number);
      view.ends[slot] = at + (constantEnds[index] as number);
    }
  }

  /** Reads a value that changes; returns the position behind it, 0 where it is malformed. */
  #value(view: RequestView, slot: number, start: number, end: number): number {
    // hot path
    if (slot === OPAQUE) return this.#opaque(view, start, end);
    let at = endOfText(view.buffer, start, end);
    if (at < 0) {
      view.escaped |= 1 << slot;
      at = -at;
    }
    view.starts[slot] = start;
    view.ends[slot] = at;
    return at;
  }

  #isLead(at: number, bytes: number, words: Int32Array, first: number): boolean {
    // hot path
    const data = this.#data;
    const last = at + bytes - 4;
    // The last lead may be as short as `}`; what stands before it is a value's.
    if (bytes < 4) {
      const others = data.getInt32(last, true) ^ (words[first] as number);
      return others >>> (8 * (4 - bytes)) === 0;
    }
    let word = first;
    for (let position = at; position < last; position += 4, word++) {
      if (data.getInt32(position, true) !== words[word]) return false;
    }
    return data.getInt32(last, true) === words[word];
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
}

/** Where a scanned header has its values, from its start and in order. */
const placesOf = (view: RequestView): ValuePlace[] => {
  const { headerStart } = view;
  const seen = view.shortSeen | view.longSeen;
  const places: ValuePlace[] = [];
  const add = (slot: number, start: number, end: number): void => {
    places.push({ slot, start: start - headerStart, end: end - headerStart });
  };
  if (view.opaqueStart > 0) add(OPAQUE, view.opaqueStart, view.opaqueEnd);
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if ((seen & (1 << slot)) !== 0)
      add(slot, view.starts[slot] as number, view.ends[slot] as number);
  }
  places.sort((left, right) => left.start - right.start);
  return places;
};
