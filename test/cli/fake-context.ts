import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { CliContext } from '../../src/cli/cli-context.ts';
import type {
  MessageToSend,
  MessagingClient,
  ReceivedMessage,
  Subscription,
  TopicToCreate,
} from '../../src/cli/messaging-client.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import type { RootOptions, RunningRoot } from '../../src/node/index.ts';

/** A context that records what a command does, on a machine without sockets. */
export interface FakeContext extends CliContext {
  readonly lines: string[];
  readonly errors: string[];
  readonly started: RootOptions[];
  readonly exits: number[];
  readonly client: FakeClient;
  readonly connectedTo: string[];
  closedNodes: number;
  /** What the next node start does instead of succeeding. */
  startError: unknown;
  signal(name: NodeJS.Signals): void;
  fail(error: Error): void;
}

export class FakeClient implements MessagingClient {
  readonly sent: MessageToSend[] = [];
  readonly created: TopicToCreate[] = [];
  readonly deleted: string[] = [];
  readonly subscriptions: Subscription[] = [];
  readonly inbox: ReceivedMessage[] = [];
  /** Messages that were offered and not taken. */
  readonly left: ReceivedMessage[] = [];
  isClosed = false;
  isStopped = false;

  async send(message: MessageToSend) {
    this.sent.push(message);
    const queueOffset = this.sent.length - 1;
    return {
      sendStatus: 'SEND_OK',
      msgId: `id${queueOffset}`,
      brokerName: 'b',
      queueId: 1,
      queueOffset,
    };
  }

  async consume(subscription: Subscription, onMessage: (message: ReceivedMessage) => boolean) {
    this.subscriptions.push(subscription);
    for (const message of this.inbox) if (!onMessage(message)) this.left.push(message);
    return {
      stop: async () => {
        this.isStopped = true;
      },
    };
  }

  async createTopic(topic: TopicToCreate) {
    this.created.push(topic);
  }

  async deleteTopic(name: string) {
    this.deleted.push(name);
  }

  async listTopics() {
    return ['b', 'a'];
  }

  async topicStatus() {
    return [{ brokerName: 'b', queueId: 0, queueOffsetMin: 1, queueOffsetMax: 5 }];
  }

  async close() {
    this.isClosed = true;
  }
}

const brokersOf = ({ broker }: RootOptions): RunningRoot['brokers'] =>
  broker === undefined
    ? []
    : [
        {
          brokerName: broker.settings.brokerName,
          address: '10.0.0.5:10911',
          storePathRootDir: broker.settings.storePathRootDir,
          storePathCommitLog: broker.settings.storePathCommitLog,
          mappedFileSizeCommitLog: broker.settings.mappedFileSizeCommitLog,
        },
      ];

export const fakeContext = (
  environment: Record<string, string> = {},
  input: readonly string[] = [],
): FakeContext => {
  let onSignal: ((signal: NodeJS.Signals) => void) | undefined;
  let onFatal: ((error: Error) => void) | undefined;
  const context: FakeContext = {
    lines: [],
    errors: [],
    started: [],
    exits: [],
    client: new FakeClient(),
    connectedTo: [],
    closedNodes: 0,
    startError: undefined,
    environment: { LOG_LEVEL: 'silent', ...environment },
    out: (line) => void context.lines.push(line),
    err: (line) => void context.errors.push(line),
    startRoot: async (options) => {
      context.started.push(options);
      if (context.startError !== undefined) throw context.startError;
      const node: RunningRoot = {
        ...(options.namesrv === undefined ? {} : { namesrvAddress: '127.0.0.1:19876' }),
        ...(options.broker === undefined ? {} : { brokerAddress: '10.0.0.5:10911' }),
        brokers: brokersOf(options),
        attach: async () => ({ id: 1, doorbell: new SharedArrayBuffer(4), pairs: [] }),
        detach: () => undefined,
        inspect: async () => [],
        close: async () => {
          context.closedNodes += 1;
        },
        onFatal: (callback) => {
          onFatal = callback;
        },
      };
      return node;
    },
    connect: async (address) => {
      context.connectedTo.push(address);
      return context.client;
    },
    async *readLines() {
      yield* input;
    },
    onSignal: (handler) => {
      onSignal = handler;
      return () => {
        onSignal = undefined;
      };
    },
    program: 'node bin/saturnmq.mjs',
    exit: (code) => void context.exits.push(code),
    signal: (name) => onSignal?.(name),
    fail: (error) => onFatal?.(error),
  };
  return context;
};

/** Lets everything that is already settled run. */
export const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Runs `body` with the path of a file that holds `text`. */
export const withFile = async (
  text: string,
  body: (path: string) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  const path = join(folder, 'broker.conf');
  writeFileSync(path, text);
  try {
    await body(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Starts, lets the node run, stops it, and returns what it was started with. */
export const startAndStop = async (
  program: 'saturnmq' | 'mqbroker' | 'mqnamesrv',
  args: string[],
  context: FakeContext,
): Promise<RootOptions> => {
  const ended = runCli(program, args, context, '1');
  await settle();
  context.signal('SIGTERM');
  assert.is(await ended, 0, context.errors.join('\n'));
  assert.is(context.closedNodes, 1);
  return context.started[0] as RootOptions;
};
