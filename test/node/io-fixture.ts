import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { silentLogger, systemClock, systemScheduler } from '../../src/base/index.ts';
import type { RootOptions, RunningRoot } from '../../src/node/index.ts';
import {
  encodeHeader,
  encodeHeartbeatData,
  GetConsumerListByGroup,
  HeartBeat,
  PullMessage,
  type RemotingCommand,
  requestOf,
  SendMessageV2,
} from '../../src/protocol/index.ts';
import { RemotingClient, tcpNetwork } from '../../src/transport/index.ts';
import { eventually } from '../support/eventually.ts';
import { brokerNode, NodeClient, QUEUES, TOPIC, withNode } from './node-fixture.ts';

export const WAIT_MS = 10_000;
const REQUEST_MS = 10_000;
const GROUP = 'io-test';

/** A node of one broker with `ioShards` threads in front of it. */
export const ioNode = (
  folder: string,
  ioShards: number,
  overrides: Parameters<typeof brokerNode>[1] = {},
): RootOptions => {
  const options = brokerNode(folder, { mappedFileSizeCommitLog: 64 * 1024 * 1024, ...overrides });
  const { broker } = options;
  if (broker === undefined) throw new Error('a node has a broker');
  const controlPath = join(folder, 'control.sock');
  return { ...options, broker: { ...broker, ioShards }, controlPath, faults: true };
};

/** A client of one connection that keeps what it is asked. */
export class IoClient {
  readonly asked: number[] = [];
  disconnects = 0;
  readonly #address: string;
  readonly #client = new RemotingClient({
    network: tcpNetwork(),
    scheduler: systemScheduler,
    clock: systemClock,
    logger: silentLogger,
    onRequest: (view) => void this.asked.push(view.code),
    onDisconnect: () => {
      this.disconnects += 1;
    },
  });

  constructor(address: string) {
    this.#address = address;
  }

  call(command: RemotingCommand): Promise<RemotingCommand> {
    return new Promise((resolve, reject) => {
      this.#client.request(this.#address, command, REQUEST_MS, (error, answer) => {
        if (answer === undefined) reject(error);
        else resolve(answer);
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}

export const sendHeader = (batch: boolean): Record<string, string> =>
  encodeHeader(SendMessageV2.request, {
    producerGroup: GROUP,
    topic: TOPIC,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: QUEUES,
    queueId: 0,
    sysFlag: 0,
    bornTimestamp: Date.now(),
    flag: 0,
    properties: '',
    reconsumeTimes: 0,
    unitMode: false,
    batch,
  });

export const pullOf = (queueOffset: number, suspendTimeoutMillis: number): RemotingCommand =>
  requestOf(PullMessage.code, {
    extFields: encodeHeader(PullMessage.request, {
      consumerGroup: GROUP,
      topic: TOPIC,
      queueId: 0,
      queueOffset,
      maxMsgNums: 32,
      sysFlag: suspendTimeoutMillis > 0 ? 6 : 4,
      commitOffset: 0,
      suspendTimeoutMillis,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
    }),
  });

export const heartbeat = (clientID: string): RemotingCommand =>
  requestOf(HeartBeat.code, {
    body: encodeHeartbeatData({
      clientID,
      consumerDataSet: [
        {
          consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
          consumeType: 'CONSUME_PASSIVELY',
          groupName: GROUP,
          messageModel: 'CLUSTERING',
          subscriptionDataSet: [],
          unitMode: false,
        },
      ],
      producerDataSet: [],
    }),
  });

export const membersOf = async (client: IoClient): Promise<number> => {
  const extFields = { consumerGroup: GROUP };
  const { body } = await client.call(requestOf(GetConsumerListByGroup.code, { extFields }));
  const list = JSON.parse(body?.toString() ?? '{}') as { consumerIdList?: string[] };
  return list.consumerIdList?.length ?? 0;
};

export interface Facts {
  readonly name: string;
  readonly restarts: number;
  readonly state: string;
  readonly tree?: { readonly root: { readonly children: { readonly facts?: object }[] } };
}

export const shardsOf = async (node: RunningRoot): Promise<readonly Facts[]> =>
  ((await node.inspect()) as { readonly shards: readonly Facts[] }).shards;

/** Connections by I/O shard. */
export const connectionsOf = async (node: RunningRoot): Promise<number[]> =>
  (await shardsOf(node))
    .filter(({ name }) => name.includes('-io-'))
    .map(({ tree }) => Number(Reflect.get(tree?.root.children[0]?.facts ?? {}, 'connections')));

export const withClients = async (
  options: RootOptions,
  count: number,
  body: (node: RunningRoot, clients: IoClient[], plain: NodeClient) => Promise<void>,
): Promise<void> =>
  withNode(options, async (node, plain) => {
    const address = node.brokerAddress ?? '';
    const clients = Array.from({ length: count }, () => new IoClient(address));
    try {
      await body(node, clients, plain);
    } finally {
      for (const client of clients) client.close();
    }
  });

/** Sends one after the other until told to stop; what was acknowledged, and the longest wait for it. */
export const load = (address: string) => {
  const client = new NodeClient(address);
  const acknowledged: string[] = [];
  let isOver = false;
  let lastMs = performance.now();
  const facts = { gapMsMax: 0 };
  const run = async (): Promise<void> => {
    for (let index = 0; !isOver; index++) {
      const code = await client.send(0, `${index}`).catch(() => -1);
      if (code !== 0) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      acknowledged.push(`${index}`);
      const nowMs = performance.now();
      facts.gapMsMax = Math.max(facts.gapMsMax, nowMs - lastMs);
      lastMs = nowMs;
    }
    client.close();
  };
  const running = run();
  const progress = async (): Promise<void> => {
    const goal = acknowledged.length + 50;
    await eventually(
      async () => acknowledged.length,
      (now) => now >= goal,
      WAIT_MS,
    );
    assert.ok(acknowledged.length >= goal, 'sends go on');
  };
  const stop = async (): Promise<string[]> => {
    isOver = true;
    await running;
    return acknowledged;
  };
  return { facts, progress, stop };
};

export const restartsOf = async (node: RunningRoot, shard: string): Promise<number> => {
  const found = (await shardsOf(node)).find(({ name }) => name === shard);
  return found?.state === 'running' ? found.restarts : -1;
};
