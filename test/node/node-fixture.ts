import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { silentLogger, systemClock, systemScheduler } from '../../src/base/index.ts';
import { RecordView, readRecord } from '../../src/message/index.ts';
import {
  type BrokerSettings,
  loadBrokerSettings,
  loadNamesrvSettings,
  type RootOptions,
  type RunningRoot,
  readLogOptions,
  readMachineFacts,
  startRoot,
} from '../../src/node/index.ts';
import {
  encodeHeader,
  PullMessage,
  type RemotingCommand,
  requestOf,
  SendMessageV2,
} from '../../src/protocol/index.ts';
import { RemotingClient, tcpNetwork } from '../../src/transport/index.ts';

export const HOST = '127.0.0.1';
export const TOPIC = 'NodeTopic';
/** Queues a send creates the topic with. */
export const QUEUES = 4;
const SEGMENT_BYTES = 4 * 1024 * 1024;
const REQUEST_MS = 10_000;
const LOG = readLogOptions(2, { LOG_LEVEL: 'silent' });

/** A folder of its own that goes when `body` has ended. */
export const withFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-node-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Settings of a small broker with its store in `folder`. */
export const brokerSettings = (
  folder: string,
  overrides: Partial<BrokerSettings> = {},
): BrokerSettings => {
  const { settings, refusals } = loadBrokerSettings({
    facts: readMachineFacts('broker', {}),
    overrides: {
      brokerIP1: HOST,
      storePathRootDir: folder,
      storePathCommitLog: join(folder, 'commitlog'),
      mappedFileSizeCommitLog: SEGMENT_BYTES,
      defaultTopicQueueNums: QUEUES,
      ...overrides,
    },
  });
  assert.equal(refusals, []);
  return settings;
};

/** A broker alone, on free ports. */
export const brokerNode = (
  folder: string,
  overrides: Partial<BrokerSettings> = {},
  port = 0,
): RootOptions => ({
  broker: { host: HOST, port, settings: brokerSettings(folder, overrides), namesrvAddr: [] },
  logger: silentLogger,
  log: LOG,
});

/** A name server alone, on a free port. */
export const namesrvNode = (folder: string, port = 0): RootOptions => {
  const { settings } = loadNamesrvSettings({
    facts: readMachineFacts('namesrv', {}),
    overrides: { kvConfigPath: join(folder, 'namesrv', 'kvConfig.json') },
  });
  return { namesrv: { host: HOST, port, settings }, logger: silentLogger, log: LOG };
};

/** A name server and a broker. */
export const wholeNode = (
  folder: string,
  overrides: Partial<BrokerSettings> = {},
): RootOptions => ({
  ...namesrvNode(folder),
  ...brokerNode(folder, overrides),
});

/** Starts a node, and closes it when `body` has ended. */
export const withNode = async (
  options: RootOptions,
  body: (node: RunningRoot, client: NodeClient) => Promise<void>,
): Promise<void> => {
  const node = await startRoot(options);
  const client = new NodeClient(node.brokerAddress ?? '');
  try {
    await body(node, client);
  } finally {
    client.close();
    await node.close();
  }
};

/** The port in `host:port`. */
export const portOf = (address: string | undefined): number =>
  Number(address?.slice(address.lastIndexOf(':') + 1));

/** The error code a promise is rejected with, and what it says. */
export const failureOf = (
  promise: Promise<unknown>,
): Promise<{ readonly code: unknown; readonly message: string }> =>
  promise.then(
    () => ({ code: undefined, message: 'it succeeded' }),
    (error: unknown) => ({
      code: (error as { code?: unknown }).code,
      message: error instanceof Error ? error.message : String(error),
    }),
  );

/** Lines of /proc/self/maps that belong to files below `folder`. */
export const mappingsBelow = (folder: string): string[] =>
  readFileSync('/proc/self/maps', 'latin1')
    .split('\n')
    .filter((line) => line.includes(folder));

/** Threads of this process. */
export const threadCount = (): number => readdirSync('/proc/self/task').length;

/**
 * Open descriptors of this process, sockets above all. Program files do not count: Node leaves open what a thread was
 * just importing when it was ended.
 */
export const descriptorCount = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => !linkOf(fd).endsWith('.js')).length;

const linkOf = (fd: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // The descriptor that read the list.
  }
};

/** A client of one broker that speaks the protocol itself. */
export class NodeClient {
  readonly #address: string;
  readonly #client = new RemotingClient({
    network: tcpNetwork(),
    scheduler: systemScheduler,
    clock: systemClock,
    logger: silentLogger,
  });

  constructor(address: string) {
    this.#address = address;
  }

  /** @throws {TransportError} when no answer comes */
  request(command: RemotingCommand, timeoutMs = REQUEST_MS): Promise<RemotingCommand> {
    return new Promise((resolve, reject) => {
      this.#client.request(this.#address, command, timeoutMs, (error, response) => {
        if (response === undefined) reject(error);
        else resolve(response);
      });
    });
  }

  /** Sends one message; the answer's code. */
  async send(queueId: number, body: string, timeoutMs = REQUEST_MS): Promise<number> {
    const extFields = encodeHeader(SendMessageV2.request, {
      producerGroup: 'node-test',
      topic: TOPIC,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: QUEUES,
      queueId,
      sysFlag: 0,
      bornTimestamp: Date.now(),
      flag: 0,
      properties: '',
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
    });
    const command = requestOf(SendMessageV2.code, { extFields, body: Buffer.from(body) });
    return (await this.request(command, timeoutMs)).code;
  }

  pull(queueId: number, queueOffset: number): Promise<RemotingCommand> {
    const extFields = encodeHeader(PullMessage.request, {
      consumerGroup: 'node-test',
      topic: TOPIC,
      queueId,
      queueOffset,
      maxMsgNums: 32,
      sysFlag: 4,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
    });
    return this.request(requestOf(PullMessage.code, { extFields }));
  }

  /** Bodies of a queue from its first message on. */
  async readAll(queueId: number): Promise<string[]> {
    const bodies: string[] = [];
    for (let queueOffset = 0, code = 0; code === 0; ) {
      const answer = await this.pull(queueId, queueOffset);
      code = answer.code;
      bodies.push(...bodiesOf(answer.body));
      queueOffset = Number(answer.extFields?.['nextBeginOffset'] ?? queueOffset);
    }
    return bodies;
  }

  close(): void {
    this.#client.close();
  }
}

const bodiesOf = (records: Buffer | undefined): string[] => {
  const bodies: string[] = [];
  const view = new RecordView();
  for (let at = 0; records !== undefined && at < records.length; at += view.recordBytes) {
    assert.is(readRecord(records, at, records.length, view, true), 'record');
    bodies.push(records.toString('utf8', view.bodyStart, view.bodyStart + view.bodyBytes));
  }
  return bodies;
};
