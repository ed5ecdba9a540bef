import { assert, type Random, type Scheduler } from '../base/index.ts';

/** How a simulated link behaves. */
export interface LinkSettings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** A chunk travels between these; order inside a direction is kept. */
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  /** Bytes the two kernels hold for one direction: what a reader has not taken stops the writer. */
  readonly socketBytes: number;
  /** Deliveries are cut at random into pieces of at most this many bytes. */
  readonly chunkBytesMax: number;
}

/** What the two ends of a pipe are told. */
export interface PipeEnds {
  onData(chunk: Buffer): void;
  /** The writer's bytes have all been taken. */
  onDrain(): void;
  /** The writer ended the stream and everything before it was delivered. */
  onEnd(): void;
}

const POISON = 0xdd;

/**
 * One direction of a simulated connection.
 * P1: bytes arrive in the order written. P2: at most `socketBytes` are taken and not yet read.
 * P3: a delivered chunk is overwritten after the call, so whoever keeps it without copying is found out.
 */
export class MemoryPipe {
  readonly #settings: LinkSettings;
  readonly #ends: PipeEnds;
  readonly #waiting: Buffer[] = [];
  readonly #arrived: Buffer[] = [];
  #waitingBytes = 0;
  #takenBytes = 0;
  #inFlight = 0;
  #isPaused = false;
  #isEnding = false;
  #isCut = false;
  #isSilent = false;
  #isPumping = false;
  #arrivesAfterMs = 0;

  constructor(settings: LinkSettings, ends: PipeEnds) {
    this.#settings = settings;
    this.#ends = ends;
  }

  /** Bytes written that the kernel has not taken. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes what fits; true when that was everything. */
  write(bytes: Buffer): boolean {
    if (this.#isCut || this.#isEnding || bytes.length === 0) return this.#waitingBytes === 0;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#take();
    return this.#waitingBytes === 0;
  }

  /** Ends the stream after what was written. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#endWhenEmpty();
  }

  /** What the kernel has not taken is lost, the rest still arrives, then the end. */
  abandon(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.end();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#settings.scheduler.defer(() => this.#pump());
  }

  /** Nothing arrives any more, not even what is under way. */
  cut(): void {
    this.#isCut = true;
  }

  /** Bytes vanish from here on; the writer sees them taken. */
  silence(): void {
    this.#isSilent = true;
  }

  #take(): void {
    while (this.#waiting.length > 0 && this.#takenBytes < this.#settings.socketBytes) {
      const [next] = this.#waiting;
      assert(next !== undefined, 'a waiting write');
      const bytes = Math.min(next.length, this.#settings.socketBytes - this.#takenBytes);
      if (!this.#isSilent) this.#send(Buffer.from(next.subarray(0, bytes))); // P2
      this.#waitingBytes -= bytes;
      if (bytes === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(bytes);
    }
  }

  #send(bytes: Buffer): void {
    this.#takenBytes += bytes.length;
    this.#inFlight += 1;
    this.#later(() => {
      this.#inFlight -= 1;
      this.#arrived.push(bytes);
      this.#pump();
    });
  }

  /** Runs `arrival` after the link's latency and never before an earlier one (P1: ties fire in the order they were set). */
  #later(arrival: () => void): void {
    const { scheduler, random, latencyMsMin, latencyMsMax } = this.#settings;
    const run = (): void => {
      if (!this.#isCut) arrival();
    };
    if (latencyMsMax === 0) {
      scheduler.defer(run);
      return;
    }
    const latencyMs = Math.ceil(latencyMsMin + random.next() * (latencyMsMax - latencyMsMin));
    this.#arrivesAfterMs =
      this.#inFlight > 1 ? Math.max(this.#arrivesAfterMs, latencyMs) : latencyMs;
    scheduler.setTimer(this.#arrivesAfterMs, run);
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isPaused && !this.#isCut) {
      const next = this.#arrived.shift();
      if (next === undefined) break;
      this.#deliver(next);
    }
    this.#isPumping = false;
    this.#endWhenEmpty();
  }

  #deliver(bytes: Buffer): void {
    const { random, chunkBytesMax } = this.#settings;
    const limit = Math.min(bytes.length, chunkBytesMax);
    const length =
      limit === bytes.length && random.below(2) === 0 ? limit : 1 + random.below(limit);
    if (length < bytes.length) this.#arrived.unshift(bytes.subarray(length));
    const chunk = Buffer.from(bytes.subarray(0, length));
    this.#ends.onData(chunk);
    chunk.fill(POISON); // P3
    this.#takenBytes -= length;
    const hadWaiting = this.#waitingBytes > 0;
    // As a real window does, it opens in steps: or the stream would fall apart into single bytes.
    if (this.#takenBytes <= this.#settings.socketBytes / 2) this.#take();
    if (hadWaiting && this.#waitingBytes === 0) {
      this.#settings.scheduler.defer(() => {
        if (!this.#isCut && this.#waitingBytes === 0) this.#ends.onDrain();
      });
    }
  }

  #endWhenEmpty(): void {
    const isEmpty = this.#waitingBytes === 0 && this.#takenBytes === 0;
    if (!this.#isEnding || !isEmpty || this.#isCut || this.#isSilent) return;
    this.#later(() => {
      this.cut();
      this.#ends.onEnd();
    });
  }
}
