import { deflateSync } from 'node:zlib';
import { ok } from 'uvu/assert';
import { type Clock, type Logger, ManualClock, silentLogger } from '../../src/base/index.ts';
import { NameServer } from '../../src/namesrv/name-server.ts';
import type { NameServerSettingValues } from '../../src/namesrv/name-server-settings.ts';
import { encodeCommand, type RemotingCommand, RequestView } from '../../src/protocol/index.ts';
import type { MemoryDisk } from '../../src/storage/index.ts';
import { command } from '../transport/world.ts';
import { memoryDisk } from './memory-disk.ts';

/** Settings of a name server that keeps its files in a simulated home folder. */
export const SETTINGS: NameServerSettingValues = {
  kvConfigPath: '/home/namesrv/kvConfig.json',
  configStorePath: '/home/namesrv/namesrv.properties',
  orderMessageEnable: false,
  listenPort: 9876,
};

/** A request's fields, as a client of some version sends them. */
export interface Asked {
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly version?: number;
  readonly channel?: object;
}

/** A name server without sockets. */
export interface NameServerFixture {
  readonly clock: ManualClock;
  readonly disk: MemoryDisk;
  readonly nameServer: NameServer;
  /** Sends a request through both encodings' readers and returns the answer. */
  ask(code: number, asked?: Asked): RemotingCommand;
}

export const createFixture = (
  over: Partial<NameServerSettingValues> = {},
  disk: MemoryDisk = memoryDisk(),
  logger: Logger = silentLogger,
): NameServerFixture => {
  const clock = new ManualClock();
  const settings = { ...SETTINGS, ...over } as NameServerSettingValues;
  const nameServer = new NameServer({ disk, clock: clock as Clock, logger, settings });
  let asked = 0;
  return {
    clock,
    disk,
    nameServer,
    ask(code, { fields, body, version, channel = {} } = {}) {
      const request = command(code, {
        ...(fields === undefined ? {} : { extFields: { ...fields } }),
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
        ...(version === undefined ? {} : { version }),
      });
      asked += 1;
      const bytes = encodeCommand(request, asked % 2 === 0 ? 0 : 1);
      const view = new RequestView();
      ok(view.scan(bytes, 0, bytes.length));
      return nameServer.answer(view, channel);
    },
  };
};

/** One topic of a registration body. */
export const topicConfig = (topicName: string, over: object = {}): object => ({
  order: false,
  perm: 6,
  readQueueNums: 4,
  topicFilterType: 'SINGLE_TAG',
  topicName,
  topicSysFlag: 0,
  writeQueueNums: 4,
  ...over,
});

/** A registration body as RocketMQ writes it. */
export const registerBody = (
  topics: readonly object[] = [topicConfig('TopicTest')],
  dataVersion: object = { counter: 3, timestamp: 1_637_000_000_000 },
  filterServerList: readonly string[] = [],
): string =>
  JSON.stringify({
    filterServerList,
    topicConfigSerializeWrapper: {
      dataVersion,
      topicConfigTable: Object.fromEntries(
        topics.map((topic) => [(topic as { topicName: string }).topicName, topic]),
      ),
    },
  });

const lengthPrefixed = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A compressed registration body; `lines` are `name readQueueNums writeQueueNums perm filterType`. */
export const compressedBody = (
  lines: readonly string[],
  dataVersion: object = { counter: 3, timestamp: 1_637_000_000_000 },
  filterServerList: readonly string[] = [],
): Buffer => {
  const count = Buffer.alloc(4);
  count.writeInt32BE(lines.length);
  return deflateSync(
    Buffer.concat([
      lengthPrefixed(JSON.stringify(dataVersion)),
      count,
      ...lines.map(lengthPrefixed),
      lengthPrefixed(JSON.stringify(filterServerList)),
    ]),
  );
};

/** Header fields of a registration. */
export const brokerFields = (over: Readonly<Record<string, string>> = {}) => ({
  brokerName: 'broker-a',
  brokerAddr: '10.0.0.1:10911',
  clusterName: 'DefaultCluster',
  haServerAddr: '10.0.0.1:10912',
  brokerId: '0',
  compressed: 'false',
  bodyCrc32: '0',
  ...over,
});

/** Header fields of its slave. */
export const slaveFields = () =>
  brokerFields({ brokerId: '1', brokerAddr: '10.0.0.2:10911', haServerAddr: '10.0.0.2:10912' });
