import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-ports.ts';
import { JVM_OPENINGS, repositoryRoot } from './java.ts';

/** Whose server: Apache RocketMQ 4.9.2's or ours. */
export type ServerKind = 'java' | 'saturnmq';

const READY_LIMIT_MS = 60_000;

export interface ServerOptions {
  readonly kind: ServerKind;
  /** Classes and jars; only a Java server needs them. */
  readonly classPath: string;
  /** A folder of its own for configuration, logs and, unless told otherwise, the store. */
  readonly folder: string;
  /** Replaces the usual flags of a Java server's JVM. */
  readonly jvmFlags?: readonly string[];
}

export interface NameServerOptions extends ServerOptions {
  readonly port?: number;
}

export interface BrokerOptions extends ServerOptions {
  readonly namesrvAddr: string;
  readonly brokerName?: string;
  readonly clusterName?: string;
  readonly port?: number;
  readonly storePath?: string;
  readonly flushDiskType?: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  /** Further broker.conf keys. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Lets SIGUSR2 end our home shard's thread. */
  readonly hasFaults?: boolean;
  /** False leaves a Java broker's limits for slow sends as they are (default: widened). */
  readonly isPatient?: boolean;
}

export interface NameServer {
  readonly kind: ServerKind;
  readonly address: string;
  readonly child: Child;
}

export interface Broker {
  readonly kind: ServerKind;
  readonly address: string;
  readonly name: string;
  readonly storePath: string;
  /** The running process; another one after `restart`. */
  readonly child: Child;
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Starts again after `stop` or `kill9` on the same store and port; `kind` may hand the store to the other one. */
  restart(kind?: ServerKind): Promise<void>;
}

const TEST_JVM_FLAGS = [
  '-Xms512m',
  '-Xmx512m',
  '-XX:+UseG1GC',
  '-XX:MaxDirectMemorySize=512m',
] as const;

const writeProperties = (path: string, properties: Readonly<Record<string, string>>): void => {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
  writeFileSync(path, `${lines.join('\n')}\n`);
};

/** RocketMQ reads its log configuration from its home; ours keeps warnings in one file beside the store. */
const makeJavaHome = (folder: string): string => {
  const home = join(folder, 'java-home');
  mkdirSync(join(home, 'conf'), { recursive: true });
  for (const name of ['broker', 'namesrv']) {
    const logback = `<configuration>
  <appender name="file" class="ch.qos.logback.core.FileAppender">
    <file>${join(folder, `java-${name}.log`)}</file>
    <encoder><pattern>%d %p %t %c{1} %m%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="file"/></root>
</configuration>
`;
    writeFileSync(join(home, 'conf', `logback_${name}.xml`), logback);
  }
  return home;
};

const startJava = (
  options: ServerOptions,
  name: string,
  mainClass: string,
  args: readonly string[],
  ready: RegExp,
): Promise<Child> =>
  startChild({
    name: `java ${name}`,
    command: 'java',
    args: [
      ...(options.jvmFlags ?? TEST_JVM_FLAGS),
      ...JVM_OPENINGS,
      `-Duser.home=${options.folder}`,
      '-cp',
      options.classPath,
      'saturnmq.interop.Attached',
      mainClass,
      ...args,
    ],
    env: { ROCKETMQ_HOME: makeJavaHome(options.folder), NAMESRV_ADDR: '' },
    cwd: options.folder,
    ready,
    readyLimitMs: READY_LIMIT_MS,
  });

const startOurs = (
  options: ServerOptions,
  command: string,
  args: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<Child> =>
  startChild({
    name: `saturnmq ${command}`,
    command: process.execPath,
    args: [join(repositoryRoot, 'bin', `${command}.mjs`), ...args],
    env: { NAMESRV_ADDR: '', ...env },
    cwd: options.folder,
    ready,
    readyLimitMs: READY_LIMIT_MS,
  });

/** Starts a name server on a free port of the loopback address. */
export const startNameServer = async (options: NameServerOptions): Promise<NameServer> => {
  const port = options.port ?? (await freePort());
  mkdirSync(options.folder, { recursive: true });
  const file = join(options.folder, 'namesrv.conf');
  writeProperties(file, {
    listenPort: String(port),
    kvConfigPath: join(options.folder, 'kvConfig.json'),
    orderMessageEnable: 'true',
  });
  const ready = /The Name Server boot success/;
  const child =
    options.kind === 'java'
      ? await startJava(
          options,
          'name server',
          'org.apache.rocketmq.namesrv.NamesrvStartup',
          ['-c', file],
          ready,
        )
      : await startOurs(options, 'mqnamesrv', ['-c', file], ready);
  return { kind: options.kind, address: `127.0.0.1:${port}`, child };
};

const brokerProperties = (
  options: BrokerOptions,
  port: number,
  storePath: string,
): Record<string, string> => ({
  brokerClusterName: options.clusterName ?? 'DefaultCluster',
  brokerName: options.brokerName ?? 'broker-a',
  brokerId: '0',
  namesrvAddr: options.namesrvAddr,
  brokerIP1: '127.0.0.1',
  listenPort: String(port),
  autoCreateTopicEnable: 'true',
  flushDiskType: options.flushDiskType ?? 'ASYNC_FLUSH',
  storePathRootDir: storePath,
  storePathCommitLog: join(storePath, 'commitlog'),
  ...options.properties,
});

// A loaded test machine makes Java's broker refuse sends it queued for long; that is not what these tests are about.
const PATIENT = { waitTimeMillsInSendQueue: '30000', osPageCacheBusyTimeOutMills: '30000' };

/** Starts a broker on free ports of the loopback address. */
export const startBroker = async (given: BrokerOptions): Promise<Broker> => {
  const port = given.port ?? (await freePort([0, -2, 1]));
  const storePath = given.storePath ?? join(given.folder, 'store');
  const file = join(given.folder, 'broker.conf');
  mkdirSync(given.folder, { recursive: true });
  const ready = /The broker\[.*boot success/;
  const start = (kind: ServerKind): Promise<Child> => {
    const patience = kind === 'java' && given.isPatient !== false ? PATIENT : {};
    writeProperties(file, { ...patience, ...brokerProperties(given, port, storePath) });
    if (kind === 'java') {
      const mainClass = 'org.apache.rocketmq.broker.BrokerStartup';
      return startJava(given, 'broker', mainClass, ['-c', file], ready);
    }
    const faults: Record<string, string> = given.hasFaults ? { SATURNMQ_FAULTS: '1' } : {};
    return startOurs(given, 'mqbroker', ['-c', file], ready, faults);
  };
  let kind = given.kind;
  let child = await start(kind);
  return {
    get kind() {
      return kind;
    },
    get child() {
      return child;
    },
    address: `127.0.0.1:${port}`,
    name: given.brokerName ?? 'broker-a',
    storePath,
    stop: async () => void (await child.stop()),
    kill9: () => child.kill9(),
    restart: async (next = kind) => {
      kind = next;
      child = await start(kind);
    },
  };
};

export interface NodeOptions {
  readonly folder: string;
  /** Further options of `saturnmq start`. */
  readonly args?: readonly string[];
}

/** Name server and broker of ours in one process. */
export interface Node {
  readonly namesrvAddr: string;
  readonly address: string;
  readonly storePath: string;
  readonly child: Child;
}

/** Runs `saturnmq start` on free ports of the loopback address. */
export const startNode = async (options: NodeOptions): Promise<Node> => {
  const brokerPort = await freePort([0, -2, 1]);
  const namesrvPort = await freePort();
  const storePath = join(options.folder, 'store');
  mkdirSync(options.folder, { recursive: true });
  const child = await startOurs(
    { kind: 'saturnmq', classPath: '', folder: options.folder },
    'saturnmq',
    [
      'start',
      ...['--store', storePath],
      ...['--broker-port', String(brokerPort)],
      ...['--namesrv-port', String(namesrvPort)],
      ...(options.args ?? []),
    ],
    /The broker\[.*boot success/,
  );
  const namesrvAddr = `127.0.0.1:${namesrvPort}`;
  return { namesrvAddr, address: `127.0.0.1:${brokerPort}`, storePath, child };
};

/** Ends the thread of our broker's home shard; the process has to live on and serve again. */
export const killHomeShard = (broker: Broker): void => {
  if (broker.kind !== 'saturnmq') throw new Error('a Java broker has no home shard');
  broker.child.signal('SIGUSR2');
};
