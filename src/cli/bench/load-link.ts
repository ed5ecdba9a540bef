import type { Socket, SocketHandler } from '../../base/index.ts';
import { FrameDecoder, type FrameSink, frameFaultText } from '../../protocol/index.ts';
import { AnswerView } from './answer-view.ts';
import type { Pacer } from './pacer.ts';
import type { Recorder } from './recorder.ts';
import { OPAQUE_FIRST } from './request-template.ts';

/** What the requests of a link are, and what their answers mean. */
export interface Work {
  /** Most bytes of one request. */
  readonly requestBytesMax: number;
  /** Messages that a lost request of this link counts as. */
  readonly messagesPerRequest: number;
  /**
   * Writes the next request of a slot.
   * @returns where it ends, or -1 where the slot has nothing more to ask
   */
  write(target: Buffer, at: number, slot: number, opaque: number, startMs: number): number;
  /** @returns messages of a good answer, or -1 where it is a refusal */
  read(answer: AnswerView, slot: number): number;
}

/** What a link is made of. */
export interface LoadLinkOptions {
  readonly address: string;
  /** Requests in flight. */
  readonly slots: number;
  readonly work: Work;
  readonly pacer: Pacer;
  readonly recorder: Recorder;
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  /** Sends what may go out now, where that is not for the link alone to decide; default: `pump`. */
  readonly onRoom?: ((nowMs: number) => void) | undefined;
  /** Called for each read, before its answers are counted. */
  readonly onAnswers?: (nowMs: number) => void;
  /** The connection is of no more use. */
  readonly onEnd: (problem: string) => void;
}

const FREE = -1;
const RESTING = -2;
const RETIRED = -3;
const OPAQUE_SPAN = 0x7fff_ffff - OPAQUE_FIRST;
/** Bytes written at once; more wait until the kernel took them. */
const WRITE_BYTES_MAX = 1024 * 1024;
/** A reader of long answers needs room for its largest. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/**
 * One connection under load: a fixed number of slots, each with at most one request in flight. All requests that one read
 * made possible leave in one write; answers are counted, not decoded.
 */
export class LoadLink implements SocketHandler, FrameSink {
  readonly address: string;
  readonly #options: LoadLinkOptions;
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder(FRAME_BYTES_MAX);
  readonly #answer = new AnswerView();
  /** Opaque of the request in flight, or what the slot does instead. */
  readonly #opaques: Int32Array;
  readonly #generations: Int32Array;
  /** When a request's response time began, and when it was written. */
  readonly #startMs: Float64Array;
  readonly #sentMs: Float64Array;
  readonly #free: Int32Array;
  #freeCount: number;
  readonly #output: Buffer;
  /** Up to here another request fits. */
  readonly #roomFor: number;
  #outputBytes = 0;
  #isBlocked = false;
  #nowMs = 0;
  #isEnded = false;
  inFlight = 0;
  /** Slots that have nothing more to ask. */
  retired = 0;

  constructor(socket: Socket, options: LoadLinkOptions) {
    const { slots, work } = options;
    this.address = options.address;
    this.#options = options;
    this.#socket = socket;
    this.#opaques = new Int32Array(slots).fill(FREE);
    this.#generations = new Int32Array(slots);
    this.#startMs = new Float64Array(slots);
    this.#sentMs = new Float64Array(slots);
    this.#free = Int32Array.from({ length: slots }, (_, index) => slots - 1 - index);
    this.#freeCount = slots;
    const bytes = Math.min(slots * work.requestBytesMax, WRITE_BYTES_MAX);
    this.#output = Buffer.allocUnsafe(Math.max(bytes, work.requestBytesMax));
    this.#roomFor = this.#output.length - work.requestBytesMax;
    socket.start(this);
  }

  /** Sends what may go out now. */
  pump(nowMs: number): void {
    // hot path
    while (this.take(nowMs));
    this.flush();
  }

  /**
   * Takes the next request, which leaves with `flush`.
   * @returns false where none is due or this link has no room for it
   */
  take(nowMs: number): boolean {
    // hot path
    if (this.#freeCount === 0 || this.#isBlocked || this.#outputBytes > this.#roomFor) return false;
    const startMs = this.#options.pacer.take(nowMs);
    if (startMs < 0) return false;
    this.#freeCount -= 1;
    this.#issue(this.#free[this.#freeCount] as number, startMs, nowMs);
    return true;
  }

  /** Writes what was taken. */
  flush(): void {
    // hot path
    if (this.#outputBytes === 0 || this.#isBlocked) return;
    const bytes = this.#output.subarray(0, this.#outputBytes);
    this.#outputBytes = 0;
    // Until it has drained the socket holds on to these bytes, so nothing may be written over them.
    this.#isBlocked = !this.#socket.write(bytes);
  }

  /** Gives up requests without an answer, and lets refused slots try again. */
  sweep(nowMs: number): void {
    const { timeoutMs, recorder, work } = this.#options;
    for (const [slot, opaque] of this.#opaques.entries()) {
      if (opaque === RESTING) this.#release(slot);
      if (opaque < 0 || nowMs - (this.#sentMs[slot] as number) < timeoutMs) continue;
      recorder.lost(work.messagesPerRequest);
      this.inFlight -= 1;
      this.#release(slot);
    }
  }

  /** Closes; what is in flight counts as lost. */
  close(): void {
    this.#end();
    this.#socket.destroy();
  }

  onData(chunk: Buffer): void {
    // hot path
    if (this.#isEnded) return;
    this.#nowMs = this.#options.nowMs();
    this.#options.onAnswers?.(this.#nowMs);
    const outcome = this.#decoder.push(chunk, this);
    if (outcome === 'taken') this.#fill(this.#nowMs);
    else if (outcome !== 'stopped') this.#fail(`sent ${frameFaultText(outcome)}`);
  }

  onFrame(buffer: Buffer, frameStart: number, frameEnd: number): boolean {
    // hot path
    const answer = this.#answer;
    if (!answer.scan(buffer, frameStart, frameEnd)) {
      this.#fail('sent a header that makes no sense');
      return false;
    }
    if (!answer.isResponse) return true;
    const slot = (answer.opaque - OPAQUE_FIRST) % this.#opaques.length;
    // An answer that comes after its time was counted as lost.
    if (this.#opaques[slot] !== answer.opaque) return true;
    this.inFlight -= 1;
    this.#settle(slot, answer);
    return true;
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#fill(this.#options.nowMs());
  }

  onClose(error?: Error): void {
    this.#fail(error === undefined ? 'closed the connection' : `is gone (${error.message})`);
  }

  #fill(nowMs: number): void {
    // hot path
    const { onRoom } = this.#options;
    if (onRoom === undefined) this.pump(nowMs);
    else onRoom(nowMs);
  }

  #settle(slot: number, answer: AnswerView): void {
    // hot path
    const { work, recorder } = this.#options;
    const messages = work.read(answer, slot);
    if (messages >= 0) {
      const startMs = this.#startMs[slot] as number;
      const bytes = answer.bodyEnd - answer.bodyStart;
      if (startMs < recorder.fromMs) recorder.late(messages);
      else recorder.success(this.#nowMs - startMs, messages, bytes);
      this.#release(slot);
    } else {
      recorder.refused(work.messagesPerRequest, `${this.address} answered ${answer.problem()}`);
      this.#opaques[slot] = RESTING;
    }
  }

  #issue(slot: number, startMs: number, nowMs: number): void {
    // hot path
    const slots = this.#opaques.length;
    const generation = this.#generations[slot] as number;
    const opaque = OPAQUE_FIRST + generation * slots + slot;
    const at = this.#outputBytes;
    const end = this.#options.work.write(this.#output, at, slot, opaque, startMs);
    if (end < 0) {
      this.#opaques[slot] = RETIRED;
      this.retired += 1;
      return;
    }
    this.#generations[slot] = generation + 1 < OPAQUE_SPAN / slots - 1 ? generation + 1 : 0;
    this.#opaques[slot] = opaque;
    this.#startMs[slot] = startMs;
    this.#sentMs[slot] = nowMs;
    this.#outputBytes = end;
    this.inFlight += 1;
  }

  #release(slot: number): void {
    // hot path
    this.#opaques[slot] = FREE;
    this.#free[this.#freeCount] = slot;
    this.#freeCount += 1;
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { recorder, work } = this.#options;
    for (; this.inFlight > 0; this.inFlight--) recorder.lost(work.messagesPerRequest);
  }

  #fail(problem: string): void {
    if (this.#isEnded) return;
    this.#end();
    this.#socket.destroy();
    this.#options.onEnd(`${this.address} ${problem}`);
  }
}
