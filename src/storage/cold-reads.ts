import type { Clock, SegmentFile } from '../base/index.ts';
import type { LogSegments } from './log-segments.ts';
import type { LogPositions } from './positions.ts';

/** Unit in which is noted what is in main memory. */
export const PIECE_BYTES = 256 * 1024;
/** Bytes brought into main memory at a time, at least: the record at hand and what is likely asked for next. */
export const FETCH_BYTES = 2 * 1024 * 1024;
/** Fetches under way; flushes go through the same four threads of libuv and must not wait behind them. */
export const FETCHES_MAX = 2;
/** Fetches that wait for their turn. */
export const FETCHES_WAITING_MAX = 1024;
/** What was seen in main memory counts as being there for this time: the system gives up the unused first. */
export const WARM_MS = 10_000;

/** Of one segment, for each of its pieces. */
interface Notes {
  readonly base: number;
  readonly file: SegmentFile;
  readonly warmUntilMs: Float64Array;
  /** 1 where the piece came by a fetch: its reader goes through old messages. */
  readonly isFetched: Uint8Array;
}

interface Fetch {
  readonly start: number;
  readonly end: number;
  readonly dones: (() => void)[];
}

const NOTHING = (): void => undefined;

/**
 * Keeps reads of the log from waiting for the disk: says what is in main memory, and fetches the rest on helpers.
 *
 * H1: a fetch ends in `done`, whatever the disk said: the read that follows reports what is wrong.
 * H2: at most `FETCHES_MAX` fetches run and `FETCHES_WAITING_MAX` wait; no range is fetched twice at one time.
 * @thread owner
 */
export class ColdReads {
  /** Log positions last found warm: no need to ask about them during the read at hand. */
  warmStart = 0;
  warmEnd = 0;
  /** Monotonic time of the read at hand. */
  #nowMs = 0;
  readonly #segments: LogSegments;
  readonly #positions: LogPositions;
  readonly #clock: Clock;
  readonly #notes = new Map<number, Notes>();
  readonly #running: Fetch[] = [];
  readonly #waiting: Fetch[] = [];
  #warmUntilMs = 0;
  #isClosed = false;

  constructor(segments: LogSegments, positions: LogPositions, clock: Clock) {
    this.#segments = segments;
    this.#positions = positions;
    this.#clock = clock;
  }

  /** Starts a read: what is known by now counts until the next one. */
  begin(): void {
    // hot path
    this.#nowMs = this.#clock.monotonicMs();
    if (this.#nowMs >= this.#warmUntilMs) this.warmEnd = 0;
  }

  /** Whether `[position, position + bytes)`, which the log holds within one segment, is read without waiting. */
  isWarm(position: number, bytes: number): boolean {
    // hot path
    const end = position + bytes;
    if (position >= this.warmStart && end <= this.warmEnd) return true;
    const notes = this.#notesOf(position);
    if (notes === undefined) return true;
    const first = Math.floor((position - notes.base) / PIECE_BYTES);
    const last = Math.floor((end - 1 - notes.base) / PIECE_BYTES);
    let untilMs = Number.POSITIVE_INFINITY;
    for (let piece = first; piece <= last; piece++) {
      // A young record may share its piece with old ones that are gone.
      if (!this.#isPieceWarm(notes, piece))
        return notes.file.isResident(position - notes.base, bytes);
      untilMs = Math.min(untilMs, notes.warmUntilMs[piece] as number);
    }
    this.warmStart = notes.base + first * PIECE_BYTES;
    this.warmEnd = Math.min(notes.base + notes.file.bytes, notes.base + (last + 1) * PIECE_BYTES);
    this.#warmUntilMs = untilMs;
    return true;
  }

  /** As `isWarm`, outside of a read and for any position: what the log does not hold is read without waiting. */
  isWarmNow(position: number, bytes: number): boolean {
    if (position < 0 || position + bytes > this.#positions.appended) return true;
    this.begin();
    return this.isWarm(position, bytes);
  }

  /**
   * Brings `[position, position + bytes)` into main memory, with what lies behind it; `done` is called in a later turn.
   * @returns false where too many wait already: nothing happens then
   */
  fetch(position: number, bytes: number, done: () => void): boolean {
    const running = this.#covering(position, position + bytes);
    if (running !== undefined) {
      running.dones.push(done);
      return true;
    }
    if (this.#waiting.length >= FETCHES_WAITING_MAX || this.#isClosed) return false; // H2
    const { segmentBytes } = this.#segments;
    const inSegment = position % segmentBytes;
    const base = position - inSegment;
    const first = inSegment - (inSegment % PIECE_BYTES);
    const whole = Math.ceil((inSegment + bytes) / PIECE_BYTES) * PIECE_BYTES;
    const last = Math.min(Math.max(whole, first + FETCH_BYTES), segmentBytes);
    const end = Math.min(base + last, this.#positions.appended);
    this.#waiting.push({ start: base + first, end, dones: [done] });
    this.#startNext();
    return true;
  }

  /** A read came as far as `position`: where it lives on fetches, the next one begins before it is needed. */
  readAhead(position: number): void {
    // hot path
    const notes = this.#notesOf(position);
    if (notes === undefined) return;
    if (notes.isFetched[Math.floor((position - notes.base) / PIECE_BYTES)] !== 1) return;
    const ahead = position + FETCH_BYTES / 2;
    if (ahead >= this.#positions.appended || this.isWarm(ahead, 1)) return;
    if (this.#covering(ahead, ahead + 1) === undefined) this.fetch(ahead, 1, NOTHING);
  }

  /** Nothing is fetched, and nobody called back, any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  #notesOf(position: number): Notes | undefined {
    // hot path
    const { segmentBytes } = this.#segments;
    const base = position - (position % segmentBytes);
    return this.#notes.get(base) ?? this.#note(base);
  }

  #note(base: number): Notes | undefined {
    const segment = this.#segments.of(base);
    if (segment === undefined) return undefined;
    for (const old of this.#notes.keys())
      if (this.#segments.of(old) === undefined) this.#notes.delete(old);
    const { file } = segment;
    const pieces = Math.ceil(file.bytes / PIECE_BYTES);
    const warmUntilMs = new Float64Array(pieces);
    const notes = { base, file, warmUntilMs, isFetched: new Uint8Array(pieces) };
    this.#notes.set(base, notes);
    return notes;
  }

  #isPieceWarm(notes: Notes, piece: number): boolean {
    // hot path
    if (this.#nowMs < (notes.warmUntilMs[piece] as number)) return true;
    const start = piece * PIECE_BYTES;
    const written = this.#positions.appended - notes.base;
    const end = Math.min(start + PIECE_BYTES, notes.file.bytes, written);
    if (!notes.file.isResident(start, Math.max(0, end - start))) return false;
    notes.warmUntilMs[piece] = this.#nowMs + WARM_MS;
    notes.isFetched[piece] = 0;
    return true;
  }

  #covering(start: number, end: number): Fetch | undefined {
    const covers = (fetch: Fetch): boolean => start >= fetch.start && end <= fetch.end;
    return this.#running.find(covers) ?? this.#waiting.find(covers);
  }

  #startNext(): void {
    while (this.#running.length < FETCHES_MAX) {
      const fetch = this.#waiting.shift();
      if (fetch === undefined) return;
      const segment = this.#segments.of(fetch.start);
      this.#running.push(fetch); // H2
      if (segment === undefined) {
        this.#finish(fetch); // It expired meanwhile.
        continue;
      }
      const { base, file } = segment;
      file.fetch(fetch.start - base, fetch.end - fetch.start, () => this.#finish(fetch)); // H1
    }
  }

  #finish(fetch: Fetch): void {
    this.#running.splice(this.#running.indexOf(fetch), 1);
    if (this.#isClosed) return;
    this.#markWarm(fetch);
    this.#startNext();
    for (const done of fetch.dones) done();
  }

  #markWarm({ start, end }: Fetch): void {
    if (this.#segments.of(start) === undefined) return;
    const notes = this.#notesOf(start);
    if (notes === undefined) return;
    const untilMs = this.#clock.monotonicMs() + WARM_MS;
    const last = Math.ceil((end - notes.base) / PIECE_BYTES);
    for (let piece = Math.floor((start - notes.base) / PIECE_BYTES); piece < last; piece++) {
      notes.warmUntilMs[piece] = untilMs;
      notes.isFetched[piece] = 1;
    }
  }
}
