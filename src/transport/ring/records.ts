import { readInt32BE, writeInt32BE } from '../../base/index.ts';

// Records in the rings of a pair; all integers int32, big-endian. Many connections share one pair.
//
// | type | name | from | payload |
// |---|---|---|---|
// | 1 | OPEN | client | connection id, server epoch, client epoch, local port, remote port, bytes of the local host, both hosts in UTF-8 |
// | 2 | DATA | both | connection id, the next bytes of that connection's stream of frames |
// | 3 | CLOSE | both | connection id |
// | 4 | RESET | server | server epoch |
// | 5 | CREDIT | both | connection id, how many more bytes of it may be sent |
// | 6 | ECHO | client | any int32; the server writes the same record, behind what it has answered at once of what came before |
//
// local and remote are the server's and the client's name, as the server sees them.
//
// T1  A connection's bytes arrive in the order written, each once, whatever is full on the way.
// T2  While something waits for room, everything later to that ring waits behind it.
// T3  No wait for room is forgotten: the writer stores that it needs room and then looks at the ring for the last time;
//     the reader gives room back and then looks at that word. Who waits has a ring more than half full, so the reader has
//     records to read and looks again.
// T4  An end of a connection is told of its end exactly once, and of nothing after it.
// T5  A connection belongs to one server epoch and one client epoch: a server accepts only what was opened for it by the
//     client that is there now, and a client gives up what was opened for an earlier server.
// T6  What does not make sense costs its connection, never another one.
// T7  A record's bytes are read where they lie, and not after the call: nothing keeps them.
// T8  An end sends at most a window of bytes that the other end has not said it used (CREDIT). So what is kept for a
//     connection that is not read is a window at most, and rings are always read: other connections of the pair go on.

export const RECORD_OPEN = 1;
export const RECORD_DATA = 2;
export const RECORD_CLOSE = 3;
export const RECORD_RESET = 4;
export const RECORD_CREDIT = 5;
export const RECORD_ECHO = 6;

/** Bytes of a connection id. */
export const ID_BYTES = 4;
/** Largest part of a ring that one record takes: two of them, and padding, always fit. */
const RECORD_SHARE = 4;
/** Longer records would only keep the reader from what is behind them. */
const RECORD_BYTES_MAX = 256 * 1024;
const OPEN_BYTES = 24;
/** Length of a CREDIT record. */
export const CREDIT_BYTES = 2 * ID_BYTES;
/** Bytes of a connection that may be on their way: more than a ring holds by default, which is the limit where both ends run. */
export const WINDOW_BYTES = 2 * 1024 * 1024;

/** Bytes of a connection's stream that one record carries at most. */
export const dataBytesMax = (ringBytes: number): number =>
  Math.min(RECORD_BYTES_MAX, ringBytes / RECORD_SHARE) - ID_BYTES - 8;

/** What a client says when it opens a connection. */
export interface OpenRecord {
  readonly id: number;
  readonly serverEpoch: number;
  readonly clientEpoch: number;
  readonly localHost: string;
  readonly localPort: number;
  readonly remoteHost: string;
  readonly remotePort: number;
}

/** The payload of an OPEN record. */
export function encodeOpen(open: OpenRecord): Buffer {
  const local = Buffer.from(open.localHost);
  const bytes = Buffer.concat([Buffer.alloc(OPEN_BYTES), local, Buffer.from(open.remoteHost)]);
  const words = [open.id, open.serverEpoch, open.clientEpoch, open.localPort, open.remotePort];
  for (const [index, word] of [...words, local.length].entries()) {
    writeInt32BE(bytes, index * 4, word);
  }
  return bytes;
}

/** Reads an OPEN record; `undefined` where it is none. */
export function decodeOpen(bytes: Buffer, start: number, end: number): OpenRecord | undefined {
  if (end - start < OPEN_BYTES) return undefined;
  const word = (index: number): number => readInt32BE(bytes, start + index * 4);
  const hostStart = start + OPEN_BYTES;
  const localEnd = hostStart + word(5);
  if (localEnd < hostStart || localEnd > end) return undefined;
  return {
    id: word(0),
    serverEpoch: word(1),
    clientEpoch: word(2),
    localPort: word(3),
    remotePort: word(4),
    localHost: bytes.toString('utf8', hostStart, localEnd),
    remoteHost: bytes.toString('utf8', localEnd, end),
  };
}
