import type { BodyReader, Logger } from '../base/index.ts';
import {
  LOG_RUN_BYTES,
  logRunBytes,
  logRunOffset,
  logRunsBytes,
  MessageError,
  RecordView,
  readRecord,
} from '../message/index.ts';
import { ClientError } from './errors.ts';
import { understood } from './remote.ts';
import { StoredMessage } from './stored-message.ts';
import type { ReceivedMessage } from './types.ts';

/** Where messages come from. */
export interface MessageOrigin {
  readonly brokerName: string;
  /** The topic of the queue they were read from: that of each of them. */
  readonly topic?: string;
}

/**
 * Messages in the body of a pull or view, decoded when they are looked at. A body that cannot be decompressed is given as it
 * is stored, with a warning: `sysFlag` still has its bit, which is cleared otherwise.
 * @throws {ClientError} BAD_RESPONSE
 */
export const receivedMessages = (
  body: Buffer,
  { brokerName, topic }: MessageOrigin,
  logger: Logger,
): ReceivedMessage[] =>
  understood(brokerName, () => {
    const messages: StoredMessage[] = [];
    const view = new RecordView();
    for (let at = 0; at < body.length; at += view.recordBytes) {
      const kind = readRecord(body, at, body.length, view, false);
      if (kind !== 'record') {
        throw new MessageError('RECORD_CORRUPT', `no message at ${at}: ${kind}`, { at, kind });
      }
      messages.push(new StoredMessage(body, at, brokerName, logger, topic));
    }
    return messages;
  });

/** What reading by address gave. */
export interface AddressedMessages {
  readonly messages: ReceivedMessage[];
  /** False where the log does not have all of it any more; `messages` are those before. */
  readonly isComplete: boolean;
}

/**
 * Messages at the addresses in the body of a pull (see `writeLogRun`): copied once, into memory of this client's own, and
 * decoded when they are looked at.
 * @throws {ClientError} BAD_RESPONSE where the body is no list of addresses, or no messages are there
 */
export const messagesAt = (
  bodies: BodyReader,
  { buffer, start, end }: { readonly buffer: Buffer; readonly start: number; readonly end: number },
  origin: MessageOrigin,
  logger: Logger,
): AddressedMessages => {
  const { brokerName } = origin;
  const totalBytes = logRunsBytes(buffer, start, end);
  if (totalBytes < 0) throw corrupt(brokerName, 'the answer is no list of addresses');
  const own = Buffer.allocUnsafe(totalBytes);
  for (let isAgain = false; ; isAgain = true) {
    const copiedBytes = copyRuns(bodies, buffer, start, end, own);
    const isComplete = copiedBytes === totalBytes;
    const copied = isComplete ? own : own.subarray(0, copiedBytes);
    const messages = located(copied, buffer, start, origin, logger);
    if (messages !== undefined) return { messages, isComplete };
    if (isAgain) throw corrupt(brokerName, 'no messages are where the answer says');
    // Segments may have been made anew since this thread opened them.
    bodies.refresh();
  }
};

const corrupt = (brokerName: string, text: string): ClientError =>
  new ClientError('BAD_RESPONSE', `the answer of ${brokerName} makes no sense: ${text}`, {
    brokerName,
  });

/** Copies the runs side by side as far as the log has them; returns the bytes. */
const copyRuns = (
  bodies: BodyReader,
  runs: Buffer,
  start: number,
  end: number,
  target: Buffer,
): number => {
  // hot path
  let length = 0;
  for (let at = start; at < end; at += LOG_RUN_BYTES) {
    const bytes = logRunBytes(runs, at);
    if (!bodies.copyTo(logRunOffset(runs, at), bytes, target, length)) break;
    length += bytes;
  }
  return length;
};

/** The messages in what was copied; `undefined` unless each is whole and says that it belongs where it was read. */
const located = (
  copied: Buffer,
  runs: Buffer,
  start: number,
  { brokerName, topic }: MessageOrigin,
  logger: Logger,
): StoredMessage[] | undefined => {
  // hot path
  const view = new RecordView();
  const messages: StoredMessage[] = [];
  for (let run = start, at = 0; at < copied.length; run += LOG_RUN_BYTES) {
    const shift = logRunOffset(runs, run) - at;
    const runEnd = at + logRunBytes(runs, run);
    for (; at < runEnd; at += view.recordBytes) {
      if (readRecord(copied, at, runEnd, view, false) !== 'record') return undefined;
      if (view.commitLogOffset !== at + shift) return undefined;
      messages.push(new StoredMessage(copied, at, brokerName, logger, topic));
    }
  }
  return messages;
};
