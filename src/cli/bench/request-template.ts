import { writeInt32BE } from '../../base/index.ts';
import {
  encodeCommandHead,
  FRAME_PREFIX_BYTES,
  HEADER_TYPE,
  type HeaderType,
  type RemotingCommand,
} from '../../protocol/index.ts';

/** Opaque values begin here, so that their text always has ten digits. */
export const OPAQUE_FIRST = 1_000_000_000;
const OPAQUE_DIGITS = 10;
/** In a ROCKETMQ header: behind code, language and version. */
const BINARY_OPAQUE_AT = FRAME_PREFIX_BYTES + 5;
/** Stands for the time in a command that becomes a template: thirteen digits, as all times until the year 2286. */
export const TIME_MARK = 1_111_111_111_111;
const TIME_DIGITS = 13;
/** Stands for the second in keys. */
export const SECOND_MARK = '2222222222';
/** Stands for the part of a unique key that counts; eight hexadecimal digits. */
export const COUNTER_MARK = '3B3B3B3B';
const HEX = Buffer.from('0123456789ABCDEF');

/** Writes `value` in decimal, right-aligned into `digits` bytes. */
export const writeDigits = (target: Buffer, at: number, digits: number, value: number): void => {
  // hot path
  let rest = value;
  for (let index = at + digits - 1; index >= at; index--) {
    const next = Math.floor(rest / 10);
    target[index] = 48 + (rest - next * 10);
    rest = next;
  }
};

const writeHex = (target: Buffer, at: number, value: number): void => {
  // hot path
  for (let digit = 0; digit < 8; digit++)
    target[at + digit] = HEX[(value >>> (28 - digit * 4)) & 15] as number;
};

/** Head of a request that is encoded once; the few digits that differ from request to request are written over. */
export class RequestTemplate {
  readonly head: Buffer;
  readonly #isJson: boolean;
  readonly #opaqueAt: number;
  readonly #timeAt: number;
  readonly #secondAt: number;
  readonly #counterAt: number;
  #timeMs = 0;

  /** @param command its `opaque` does not matter; times in it are `TIME_MARK` */
  constructor(command: RemotingCommand, headerType: HeaderType) {
    this.head = encodeCommandHead({ ...command, opaque: OPAQUE_FIRST }, headerType);
    this.#isJson = headerType === HEADER_TYPE.JSON;
    this.#opaqueAt = this.#isJson
      ? this.head.indexOf(`"opaque":${OPAQUE_FIRST}`) + '"opaque":'.length
      : BINARY_OPAQUE_AT;
    this.#timeAt = this.head.indexOf(String(TIME_MARK));
    this.#secondAt = this.head.indexOf(SECOND_MARK);
    this.#counterAt = this.head.indexOf(COUNTER_MARK);
  }

  /** Copies the head; returns where it ends. */
  write(target: Buffer, at: number, opaque: number, nowMs: number, counter: number): number {
    // hot path
    const { head } = this;
    if (nowMs !== this.#timeMs) this.#setTime(nowMs);
    if (this.#counterAt >= 0) writeHex(head, this.#counterAt, counter);
    if (this.#isJson) writeDigits(head, this.#opaqueAt, OPAQUE_DIGITS, opaque);
    else writeInt32BE(head, this.#opaqueAt, opaque);
    target.set(head, at);
    return at + head.length;
  }

  #setTime(nowMs: number): void {
    this.#timeMs = nowMs;
    if (this.#timeAt >= 0) writeDigits(this.head, this.#timeAt, TIME_DIGITS, nowMs);
    if (this.#secondAt >= 0)
      writeDigits(this.head, this.#secondAt, SECOND_MARK.length, Math.floor(nowMs / 1000));
  }
}
