import { connect } from 'node:net';

const GET_MAX_OFFSET = 30;
const LIMIT_MS = 10_000;

/**
 * How many messages the broker at `host:port` says a topic's queues hold. It speaks the protocol by itself: what is
 * checked is not used for the check.
 */
export const countStored = async (
  address: string,
  topic: string,
  queues: number,
): Promise<number> => {
  const [host = '', port = ''] = address.split(':');
  const socket = connect({ host, port: Number(port), timeout: LIMIT_MS });
  const parts: Buffer[] = [];
  return new Promise<number>((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.on('error', fail);
    // A broker that dies may close without an error.
    socket.on('close', () =>
      fail(new Error(`${address} closed before it said what ${topic} holds`)),
    );
    socket.on('timeout', () => fail(new Error(`${address} did not say what ${topic} holds`)));
    socket.on('connect', () => {
      for (let queueId = 0; queueId < queues; queueId++) socket.write(question(topic, queueId));
    });
    socket.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      const answers = answersIn(Buffer.concat(parts));
      if (answers.length < queues) return;
      socket.destroy();
      const refused = answers.find(({ code }) => code !== 0);
      if (refused !== undefined) reject(new Error(`max offset of ${topic}: code ${refused.code}`));
      else resolve(answers.reduce((sum, { offset }) => sum + offset, 0));
    });
  });
};

const question = (topic: string, queueId: number): Buffer => {
  const header = Buffer.from(
    JSON.stringify({
      code: GET_MAX_OFFSET,
      language: 'JAVA',
      version: 395,
      opaque: queueId,
      flag: 0,
      serializeTypeCurrentRPC: 'JSON',
      extFields: { topic, queueId: String(queueId) },
    }),
  );
  const frame = Buffer.alloc(8 + header.length);
  frame.writeInt32BE(4 + header.length, 0);
  frame.writeInt32BE(header.length, 4);
  header.copy(frame, 8);
  return frame;
};

const answersIn = (bytes: Buffer): { readonly code: number; readonly offset: number }[] => {
  const answers = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end > bytes.length) break;
    const headerBytes = bytes.readInt32BE(at + 4) & 0xffffff;
    const header = bytes.toString('utf8', at + 8, at + 8 + headerBytes);
    const { code, extFields } = JSON.parse(header) as {
      code: number;
      extFields?: { offset?: string };
    };
    answers.push({ code, offset: Number(extFields?.offset ?? Number.NaN) });
    at = end;
  }
  return answers;
};
