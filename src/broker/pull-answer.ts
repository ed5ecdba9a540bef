import { HEADER_TYPE, HotResponse, PullMessage, ResponseCode } from '../protocol/index.ts';
import {
  type ConsumeQueue,
  GetResult,
  GetStatus,
  getStatusName,
  type MessageStore,
} from '../storage/index.ts';
import type { OutputBuffer, Peer } from '../transport/index.ts';
import type { PullWork } from './pull-work.ts';

/**
 * Response code for what the store found.
 * @source rocketmq 4.9.2 broker/processor/PullMessageProcessor.java
 */
export const pullResponseCode = (status: number, queueOffset: number): number => {
  switch (status) {
    case GetStatus.FOUND:
      return ResponseCode.SUCCESS;
    case GetStatus.MESSAGE_WAS_REMOVING:
    case GetStatus.NO_MATCHED_MESSAGE:
      return ResponseCode.PULL_RETRY_IMMEDIATELY;
    case GetStatus.NO_MATCHED_LOGIC_QUEUE:
    case GetStatus.NO_MESSAGE_IN_QUEUE:
      return queueOffset === 0 ? ResponseCode.PULL_NOT_FOUND : ResponseCode.PULL_OFFSET_MOVED;
    case GetStatus.OFFSET_FOUND_NULL:
    case GetStatus.OFFSET_OVERFLOW_ONE:
      return ResponseCode.PULL_NOT_FOUND;
    default:
      return ResponseCode.PULL_OFFSET_MOVED;
  }
};

/** Stands for a response code: nothing was written, what the pull asks for has to be fetched first. */
export const PULL_COLD = -1;

const REMARKS: readonly Buffer[] = Object.values(GetStatus).map((status) =>
  Buffer.from(getStatusName(status)),
);
const FOUND_REMARK = Buffer.from('FOUND');
const { SUCCESS, PULL_NOT_FOUND } = ResponseCode;

/**
 * Reads a queue and writes the answer of a pull straight into the connection's output: first room for the header, of the
 * length it will most likely have, then the records, then the header; only a wrong guess moves the records. A pull with a
 * positional header comes from a thread of this program: it gets the addresses of the records, and reads the log itself.
 */
export class PullAnswer {
  readonly #store: MessageStore;
  readonly #result = new GetResult();
  readonly #head = new HotResponse(
    [
      { key: 'maxOffset', number: true },
      { key: 'minOffset', number: true },
      { key: 'nextBeginOffset', number: true },
      { key: 'suggestWhichBrokerId', constant: '0' },
    ],
    PullMessage.response,
  );
  /** Response code of the last `execute`. */
  code = 0;

  constructor(store: MessageStore) {
    this.#store = store;
    this.#result.canLend = true;
  }

  /** What the last `execute` found. */
  get result(): GetResult {
    return this.#result;
  }

  /**
   * Executes `work` against `queue`. Returns the response code; when it is PULL_NOT_FOUND and the work may still wait,
   * nothing was written; neither when it is PULL_COLD, which it never is without `mayPostpone`. Where it throws nothing
   * was written either: half an answer would break the connection's stream.
   */
  execute(queue: ConsumeQueue, work: PullWork, peer: Peer, mayPostpone = true): number {
    // hot path
    const { output } = peer;
    const start = output.length;
    this.#result.canWait = mayPostpone;
    this.#result.asAddresses = work.headerType === HEADER_TYPE.POSITIONAL;
    try {
      return this.#write(queue, work, output);
    } catch (error) {
      output.length = start;
      for (const { release } of this.#result.runs.splice(0)) release();
      throw error;
    }
  }

  #write(queue: ConsumeQueue, work: PullWork, output: OutputBuffer): number {
    // hot path
    const { headerType, opaque, queueOffset } = work;
    const result = this.#result;
    const head = this.#head;
    const start = output.length;
    head.numbers[0] = queue.maxOffset;
    head.numbers[1] = queue.minOffset;
    head.numbers[2] = queueOffset + work.maxMessages;
    const guess = head.headBytes(headerType, opaque, SUCCESS, FOUND_REMARK);
    output.reserve(guess);
    output.length = start + guess;
    this.#store.getMessages(queue, queueOffset, work.maxMessages, work.filter, output, result);
    if (result.isCold) {
      output.length = start;
      this.code = PULL_COLD;
      return PULL_COLD;
    }
    const code = pullResponseCode(result.status, queueOffset);
    this.code = code;
    if (result.asAddresses && code === SUCCESS) this.#expose();
    if (code === PULL_NOT_FOUND && work.waitUntilMs > 0) {
      output.length = start;
      return code;
    }
    head.numbers[0] = result.maxOffset;
    head.numbers[1] = result.minOffset;
    head.numbers[2] = result.nextBeginOffset;
    const remark = REMARKS[result.status] as Buffer;
    const copiedBytes = output.length - start - guess;
    const bodyBytes = copiedBytes + lentBytes(result);
    const actual = head.headBytes(headerType, opaque, code, remark);
    if (actual !== guess) {
      output.reserve(Math.max(0, actual - guess));
      output.buffer.copyWithin(start + actual, start + guess, start + guess + copiedBytes);
    }
    head.write(output.buffer, start, headerType, opaque, code, bodyBytes, remark);
    output.length = start + actual + copiedBytes;
    if (result.runs.length > 0) attach(result, output, actual - guess);
    return code;
  }

  /** Who reads the log by addresses sees what has left this thread's memory. Under SYNC_FLUSH all that is found has. */
  #expose(): void {
    // hot path
    if (this.#store.settings.flushDiskType !== 'SYNC_FLUSH') this.#store.endTurn();
  }
}

const lentBytes = ({ runs }: GetResult): number => {
  // hot path
  let bytes = 0;
  for (let index = 0; index < runs.length; index++) bytes += runs[index]?.bytes.length ?? 0;
  return bytes;
};

/** Hands the lent runs to the connection, which releases them; the output's bytes have moved by `shift`. */
const attach = ({ runs }: GetResult, output: OutputBuffer, shift: number): void => {
  for (const { at, bytes, release } of runs) output.attach(at + shift, bytes, release);
  runs.length = 0;
};
