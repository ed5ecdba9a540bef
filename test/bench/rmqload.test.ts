// The load generator against a server that answers when and in which order the test wants.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import * as assert from 'uvu/assert';
import { type LoadResult, runLoad } from '../../bench/compare/load.ts';
import { buildTool } from '../../bench/compare/tools.ts';
import { suite } from '../support/suite.ts';

const test = suite('rmqload');
const SECONDS = 10;
const SLOW_MS = 200;

type Answer = (opaque: number, reply: (opaque?: number) => void) => void;

const answerTo = (opaque: number): Buffer => {
  const header = Buffer.from(JSON.stringify({ code: 0, flag: 1, opaque }));
  const frame = Buffer.alloc(8 + header.length);
  frame.writeInt32BE(4 + header.length, 0);
  frame.writeInt32BE(header.length, 4);
  header.copy(frame, 8);
  return frame;
};

/** The same answer with the binary header: code, language, version, opaque, flag, no remark, no fields. */
const binaryAnswerTo = (opaque: number): Buffer => {
  const frame = Buffer.alloc(8 + 21);
  frame.writeInt32BE(4 + 21, 0);
  frame.writeInt32BE((1 << 24) | 21, 4);
  frame.writeInt32BE(opaque, 13);
  frame.writeInt32BE(1, 17);
  return frame;
};

const serve = (socket: Socket, answer: Answer, encode: (opaque: number) => Buffer): void => {
  let rest = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      const header = rest.toString('latin1', 8, 8 + rest.readInt32BE(4));
      const { opaque } = JSON.parse(header) as { opaque: number };
      answer(opaque, (other = opaque) => socket.write(encode(other)));
      rest = rest.subarray(end);
    }
  });
};

const load = async (
  inFlight: number,
  requests: number,
  answer: Answer,
  encode = answerTo,
): Promise<LoadResult> => {
  const server = createServer((socket) => serve(socket, answer, encode));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const args = ['Topic', 4, 1, inFlight, 16, SECONDS, 1, requests];
    return await runLoad(buildTool('rmqload'), 'send', `127.0.0.1:${port}`, args, SECONDS);
  } finally {
    server.close();
  }
};

const maxUs = ({ line }: LoadResult): number => Number(line.match(/max=(\d+)/)?.[1]);

test('a late answer counts with the time of its own request, however many overtake it', async () => {
  for (const encode of [answerTo, binaryAnswerTo]) {
    let overtaken = 0;
    let late: (() => void) | undefined;
    const result = await load(
      2,
      2000,
      (opaque, reply) => {
        if (opaque === 0) late = reply;
        else reply();
        if (++overtaken === 1000) setTimeout(() => late?.(), SLOW_MS);
      },
      encode,
    );
    assert.is(result.errors, 0);
    assert.ok(maxUs(result) >= SLOW_MS * 1000, result.line);
    assert.ok(result.p99Us < maxUs(result) / 2, result.line);
  }
});

test('each latency counts once: percentiles and maximum are those of all answers', async () => {
  let seen = 0;
  // 64 slow ones of 1,000 come first, so that what came later must not push them out.
  const result = await load(64, 1000, (_, reply) => {
    if (++seen <= 64) setTimeout(reply, SLOW_MS);
    else reply();
  });
  assert.ok(result.messages >= 1000, result.line);
  assert.ok(result.p50Us < (SLOW_MS * 1000) / 2, result.line);
  assert.ok(result.p99Us >= SLOW_MS * 1000 * 0.99, result.line);
  assert.ok(maxUs(result) >= result.p999Us, result.line);
});

test('an answer to no request ends the run', async () => {
  const outcome = await load(2, 100, (opaque, reply) => reply(opaque + 2)).catch(
    (error: unknown) => error as Error,
  );
  assert.ok(outcome instanceof Error);
  assert.match(outcome.message, /an answer to no request: opaque 2/);
});
