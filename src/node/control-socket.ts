import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errorCode, errorMessage } from '../base/index.ts';
import { NodeError } from './node-error.ts';

// One JSON object a line: `{"request":"inspect","argument":…}` is answered by `{"ok":true,"result":…}` or
// `{"ok":false,"error":"…"}`. The socket is a file that only its owner may open; there is no other protection.

/** A question to a running node. */
export interface ControlRequest {
  readonly request: string;
  readonly argument?: unknown;
}

/** Answers by name of the request. */
export type ControlHandlers = Readonly<
  Record<string, (argument: unknown) => unknown | Promise<unknown>>
>;

/** A socket that answers until it is closed. */
export interface ControlServer {
  readonly path: string;
  close(): Promise<void>;
}

const REQUEST_BYTES_MAX = 64 * 1024;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const IDLE_MS = 60_000;
const CONNECTIONS_MAX = 16;
/** sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included. */
const SOCKET_PATH_BYTES_MAX = 103;

/** Where the node with its state in `folder` answers: `control.sock` there, or a pipe or short path derived from it. */
export const controlPathOf = (folder: string, platform: string = process.platform): string => {
  const whole = resolve(folder);
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\saturnmq-${digest}`;
  const path = join(whole, 'control.sock');
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return path;
  return join(tmpdir(), `saturnmq-${digest}.sock`);
};

const answer = async (line: string, handlers: ControlHandlers): Promise<string> => {
  try {
    const { request, argument } = JSON.parse(line) as Partial<ControlRequest>;
    const handler =
      typeof request === 'string' && Object.hasOwn(handlers, request)
        ? handlers[request]
        : undefined;
    if (handler === undefined) throw new Error(`there is no request ${JSON.stringify(request)}`);
    return JSON.stringify({ ok: true, result: (await handler(argument)) ?? null });
  } catch (error) {
    return JSON.stringify({ ok: false, error: errorMessage(error) });
  }
};

/** Collects one line at a time; a longer one than `bytesMax` ends the connection. */
const onLines = (socket: Socket, bytesMax: number, onLine: (line: string) => void): void => {
  let pieces: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)]).toString();
      pieces = [];
      bytes = 0;
      rest = rest.subarray(end + 1);
      onLine(line);
    }
    bytes += rest.length;
    if (rest.length > 0) pieces.push(rest);
    if (bytes > bytesMax) socket.destroy(new Error(`a line of more than ${bytesMax} bytes`));
  });
};

const serve = (socket: Socket, handlers: ControlHandlers): void => {
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => undefined); // The asker went away; its connection is all that is lost.
  // Answers leave in the order of the requests.
  let last: Promise<void> = Promise.resolve();
  onLines(socket, REQUEST_BYTES_MAX, (line) => {
    last = last.then(async () => {
      const text = await answer(line, handlers);
      if (socket.writable) socket.write(`${text}\n`);
    });
  });
};

const isAnswering = (path: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });

/** Creates a folder and its parents one by one: Node's recursive form never returns where /proc refuses one. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder);
};

/**
 * Starts to answer on `path`. A file left by a process that died is replaced; one whose process answers is not.
 * @throws {NodeError} PORT_TAKEN when another process answers there.
 */
export const serveControl = async (
  path: string,
  handlers: ControlHandlers,
): Promise<ControlServer> => {
  const isFile = !path.startsWith('\\\\.\\pipe\\');
  if (await isAnswering(path)) {
    const remedy = 'end that process, or give this one a folder of its own';
    throw new NodeError('PORT_TAKEN', `another node answers on ${path}; ${remedy}`, { path });
  }
  if (isFile) {
    makeFolder(dirname(path));
    rmSync(path, { force: true });
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, handlers);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(path, done);
  });
  if (isFile) chmodSync(path, 0o600);
  server.unref();
  return {
    path,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

const unreachable = (path: string, cause: unknown): NodeError => {
  const reason =
    errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ECONNREFUSED'
      ? 'nothing listens there'
      : errorMessage(cause);
  const remedy = 'start the node first, or name the store of a running one';
  return new NodeError(
    'CONTROL_UNREACHABLE',
    `no node answers on ${path} (${reason}); ${remedy}`,
    { path },
    cause,
  );
};

const readAnswer = (path: string, line: string): unknown => {
  const parsed = JSON.parse(line) as { ok?: unknown; result?: unknown; error?: unknown };
  if (parsed.ok === true) return parsed.result;
  throw new NodeError('CONTROL_FAILED', `the node on ${path} answered: ${String(parsed.error)}`, {
    path,
  });
};

/**
 * Asks the node that answers on `path`.
 * @throws {NodeError} CONTROL_UNREACHABLE, CONTROL_FAILED
 */
export const askControl = (
  path: string,
  request: ControlRequest,
  timeoutMs = 10_000,
): Promise<unknown> =>
  new Promise((done, fail) => {
    const socket = connect(path);
    const giveUp = (cause: unknown): void => {
      socket.destroy();
      fail(unreachable(path, cause));
    };
    socket.setTimeout(timeoutMs, () => giveUp(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('error', giveUp);
    socket.on('close', () => giveUp(new Error('it closed the connection')));
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    onLines(socket, ANSWER_BYTES_MAX, (line) => {
      try {
        done(readAnswer(path, line));
      } catch (error) {
        fail(error);
      }
      socket.destroy();
    });
  });
