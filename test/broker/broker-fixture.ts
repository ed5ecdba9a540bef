import type { ActorFacts } from '../../src/actors/index.ts';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import type { BrokerSettings } from '../../src/broker/index.ts';
import { encodeProperties, PULL_FLAG, RecordView, readRecord } from '../../src/message/index.ts';
import {
  type ConsumerData,
  encodeHeartbeatData,
  encodeSubscriptionGroupConfig,
  GetMaxOffset,
  HeartBeat,
  PullMessage,
  type PullMessageHeader,
  type RemotingCommand,
  requestCommand,
  requestOf,
  type SendMessageHeader,
  SendMessageV2,
  type SubscriptionData,
  type SubscriptionGroupConfig,
  UpdateAndCreateSubscriptionGroup,
  UpdateAndCreateTopic,
} from '../../src/protocol/index.ts';
import { MemoryDisk, type MemoryDiskOptions, MessageStore } from '../../src/storage/index.ts';
import type { Asked, SimClient } from '../sim/sim-client.ts';
import { SimWorld } from '../sim/world.ts';

export const SEED = 20_261_124;
export const T = 'TopicTest';
export const GROUP = 'group-a';

/** A broker that runs, and a client of it. */
export const bootBroker = (settings: Partial<BrokerSettings> = {}) => {
  const world = new SimWorld(SEED, settings);
  world.boot();
  return { world, client: world.connect() };
};

/** What a send may differ in. */
export type SendFields = Partial<Omit<SendMessageHeader, 'properties'>> & {
  readonly properties?: Readonly<Record<string, string>>;
};

export const sendHeader = ({ properties = {}, ...fields }: SendFields = {}): SendMessageHeader => ({
  producerGroup: 'producers',
  topic: T,
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 0,
  sysFlag: 0,
  bornTimestamp: 1_600_000_000_000,
  flag: 7,
  properties: encodeProperties(properties),
  reconsumeTimes: 0,
  unitMode: false,
  ...fields,
});

export const sendOf = (fields: SendFields = {}, body: string | Buffer = 'body') =>
  requestCommand(SendMessageV2, sendHeader(fields), { body: Buffer.from(body) });

/** Code and remark of an answer: what a refused client sees. */
export const verdict = ({ code, remark }: RemotingCommand) => [code, remark];

export const pullHeader = (fields: Partial<PullMessageHeader> = {}): PullMessageHeader => ({
  consumerGroup: GROUP,
  topic: T,
  queueId: 0,
  queueOffset: 0,
  maxMsgNums: 32,
  sysFlag: PULL_FLAG.SUBSCRIPTION,
  commitOffset: 0,
  suspendTimeoutMillis: 15_000,
  subscription: '*',
  subVersion: 0,
  expressionType: 'TAG',
  ...fields,
});

export const pullOf = (fields: Partial<PullMessageHeader> = {}): RemotingCommand =>
  requestCommand(PullMessage, pullHeader(fields));

/** A pull that the broker may hold for `waitMs`. */
export const waitingPull = (
  client: SimClient,
  queueOffset: number,
  waitMs = 15_000,
  fields: Partial<PullMessageHeader> = {},
): Asked => {
  const sysFlag = PULL_FLAG.SUBSCRIPTION | PULL_FLAG.SUSPEND;
  const suspendTimeoutMillis = waitMs;
  return client.ask(
    pullOf({ queueOffset, sysFlag, suspendTimeoutMillis, ...fields }),
    waitMs + 15_000,
  );
};

/** The records in a pull's answer, each in a view of its own. */
export const recordsOf = (body: Buffer | undefined) => {
  const records: { view: RecordView; body: string; properties: string }[] = [];
  for (let at = 0; body !== undefined && at < body.length; ) {
    const view = new RecordView();
    if (readRecord(body, at, body.length, view, true) !== 'record') throw new Error('bad record');
    const text = (start: number, bytes: number) => body.toString('utf8', start, start + bytes);
    records.push({
      view,
      body: text(view.bodyStart, view.bodyBytes),
      properties: text(view.propertiesStart, view.propertiesBytes),
    });
    at += view.recordBytes;
  }
  return records;
};

export const bodiesOf = (answer: RemotingCommand | undefined): string[] =>
  recordsOf(answer?.body).map(({ body }) => body);

/** Everything in the first 32 places of a queue. */
export const stored = (client: SimClient, topic = T, queueId = 0) =>
  recordsOf(client.call(pullOf({ topic, queueId })).body);

export const maxOffsetOf = (client: SimClient, topic = T, queueId = 0): number =>
  Number(client.callAs(GetMaxOffset, { topic, queueId }).extFields?.['offset']);

export const createTopic = (
  client: SimClient,
  fields: Partial<Parameters<typeof topicHeader>[0]> & { readonly topic: string },
): RemotingCommand => client.callAs(UpdateAndCreateTopic, topicHeader(fields));

export const topicHeader = (fields: {
  readonly topic: string;
  readonly readQueueNums?: number;
  readonly writeQueueNums?: number;
  readonly perm?: number;
  readonly topicFilterType?: 'SINGLE_TAG' | 'MULTI_TAG';
}) => ({
  defaultTopic: 'TBW102',
  readQueueNums: 4,
  writeQueueNums: 4,
  perm: 6,
  topicFilterType: 'SINGLE_TAG' as const,
  order: false,
  ...fields,
});

export const groupConfig = (
  fields: Partial<SubscriptionGroupConfig> = {},
): SubscriptionGroupConfig => ({
  brokerId: 0,
  consumeBroadcastEnable: true,
  consumeEnable: true,
  consumeFromMinEnable: true,
  groupName: GROUP,
  notifyConsumerIdsChangedEnable: true,
  retryMaxTimes: 16,
  retryQueueNums: 1,
  whichBrokerWhenConsumeSlowly: 1,
  ...fields,
});

export const createGroup = (
  client: SimClient,
  fields: Partial<SubscriptionGroupConfig> = {},
): RemotingCommand =>
  client.call(
    requestOf(UpdateAndCreateSubscriptionGroup.code, {
      body: encodeSubscriptionGroupConfig(groupConfig(fields)),
    }),
  );

export const subscriptionTo = (
  topic: string,
  fields: Partial<SubscriptionData> = {},
): SubscriptionData => ({
  classFilterMode: false,
  codeSet: [],
  expressionType: 'TAG',
  subString: '*',
  subVersion: 1,
  tagsSet: [],
  topic,
  ...fields,
});

/** A heartbeat of a consumer, and of a producer where `producerGroup` is given. */
export const heartbeat = (
  client: SimClient,
  clientID: string,
  fields: Partial<ConsumerData> = {},
  producerGroups: readonly string[] = [],
): RemotingCommand =>
  client.call(
    requestOf(HeartBeat.code, {
      body: encodeHeartbeatData({
        clientID,
        consumerDataSet: [
          {
            consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
            consumeType: 'CONSUME_PASSIVELY',
            groupName: GROUP,
            messageModel: 'CLUSTERING',
            subscriptionDataSet: [subscriptionTo(T)],
            unitMode: false,
            ...fields,
          },
        ],
        producerDataSet: producerGroups.map((groupName) => ({ groupName })),
      }),
    }),
  );

/** The actor whose id is `id` or ends in `/id`. */
export const actorOf = (world: SimWorld, id: string): ActorFacts => {
  const search = (actor: ActorFacts | undefined): ActorFacts | undefined => {
    if (actor === undefined || actor.id === id || actor.id.endsWith(`/${id}`)) return actor;
    return actor.children.map(search).find((found) => found !== undefined);
  };
  const found = search(world.inspect()?.root);
  if (found === undefined) throw new Error(`no actor ${id}`);
  return found;
};

/** What an actor says about itself. */
export const factsOf = (world: SimWorld, id: string): Readonly<Record<string, unknown>> => ({
  ...actorOf(world, id).facts,
});

/** A store without a broker around it; its scratch message is ready to be appended. */
export const openStore = (options: Partial<MemoryDiskOptions> = {}) => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const disk = new MemoryDisk({ clock, scheduler, ...options });
  const env = { disk, clock, scheduler, random: seededRandom(1), logger: silentLogger };
  const store = MessageStore.open({ storePathRootDir: '/store' }, env);
  const host = Buffer.from([10, 0, 0, 1]);
  Object.assign(store.message, { bornHost: host, storeHost: host, body: Buffer.from('x') });
  store.message.bodyBytes = 1;
  return { store, env };
};
