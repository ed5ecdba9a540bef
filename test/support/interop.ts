import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type JavaKit, prepareJava, repositoryRoot } from './java.ts';
import { type JavaDriver, startJavaDriver } from './java-driver.ts';
import {
  type Broker,
  type BrokerOptions,
  type NameServer,
  type ServerKind,
  startBroker,
  startNameServer,
} from './servers.ts';
import { type Suite, suite } from './suite.ts';

/** A name server with one broker, and a JVM full of clients to talk to them. */
export interface Cluster {
  readonly driver: JavaDriver;
  readonly nameServer: NameServer;
  readonly broker: Broker;
  /** `{ namesrv, broker }`, as the driver's commands want them. */
  readonly at: { readonly namesrv: string; readonly broker: string };
}

/** What an interop test file works with; everything starts at first use and ends with the file. */
export interface Interop {
  /** The kind under test: ours, or Java as the control run (`SATURNMQ_INTEROP_TARGET=java`). */
  readonly target: ServerKind;
  driver(): Promise<JavaDriver>;
  /** A JVM of its own, for a test that lets one die. */
  extraDriver(): Promise<JavaDriver>;
  /** A folder of its own under the file's temporary folder. */
  folder(name: string): string;
  nameServer(kind: ServerKind): Promise<NameServer>;
  broker(
    kind: ServerKind,
    options: Omit<BrokerOptions, 'kind' | 'classPath' | 'folder'>,
  ): Promise<Broker>;
  /** One name server and one broker; the same pair for every call with the same kinds. */
  cluster(nameServerKind?: ServerKind, brokerKind?: ServerKind): Promise<Cluster>;
  /** A name nobody else in this file uses. */
  unique(prefix: string): string;
}

const STOP_LIMIT_MS = 90_000;

export const interopTarget = (): ServerKind =>
  process.env['SATURNMQ_INTEROP_TARGET'] === 'java' ? 'java' : 'saturnmq';

/** Registers one interop test file; where the machine has no Java its tests are skipped with the reason. */
export const interopSuite = (
  title: string,
  register: (test: Suite, interop: Interop) => void,
): void => {
  const java = prepareJava();
  const test = suite(title);
  const reason = missingReason(java);
  if (java.kind === 'missing' || reason !== undefined) {
    const why = reason ?? 'no Java';
    const skipAll = Object.assign((name: string) => test.skip(name, why), { skip: test.skip });
    register(skipAll, neverStarted());
    return;
  }
  const { interop, stop } = createInterop(java.classPath);
  register(test, interop);
  test('the servers stop when told to', stop, STOP_LIMIT_MS);
};

const missingReason = (java: JavaKit): string | undefined => {
  if (java.kind === 'missing') return java.reason;
  if (interopTarget() === 'java') return undefined;
  const launcher = join(repositoryRoot, 'bin', 'mqbroker.mjs');
  return existsSync(launcher) ? undefined : `${launcher} is missing`;
};

const neverStarted = (): Interop => {
  const refuse = (): never => {
    throw new Error('a skipped test ran');
  };
  return {
    target: interopTarget(),
    driver: refuse,
    extraDriver: refuse,
    folder: refuse,
    nameServer: refuse,
    broker: refuse,
    cluster: refuse,
    unique: refuse,
  };
};

const createInterop = (
  classPath: string,
): { readonly interop: Interop; readonly stop: () => Promise<void> } => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-interop-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const target = interopTarget();
  const brokers: Broker[] = [];
  const nameServers: NameServer[] = [];
  const clusters = new Map<string, Promise<Cluster>>();
  let jvm: Promise<JavaDriver> | undefined;
  let counter = 0;

  const unique = (prefix: string): string => {
    counter += 1;
    return `${prefix}-${counter}`;
  };
  const folder = (name: string): string => join(root, unique(name));
  const driver = (): Promise<JavaDriver> => {
    jvm ??= startJavaDriver(classPath);
    return jvm;
  };
  const extraDriver = (): Promise<JavaDriver> => startJavaDriver(classPath);
  const nameServer: Interop['nameServer'] = async (kind) => {
    const started = await startNameServer({ kind, classPath, folder: folder(`namesrv-${kind}`) });
    nameServers.push(started);
    return started;
  };
  const broker: Interop['broker'] = async (kind, options) => {
    const own = { kind, classPath, folder: folder(`broker-${kind}`) };
    const started = await startBroker({ ...own, ...options });
    brokers.push(started);
    return started;
  };
  const startCluster = async (nameKind: ServerKind, brokerKind: ServerKind): Promise<Cluster> => {
    const names = await nameServer(nameKind);
    const started = await broker(brokerKind, { namesrvAddr: names.address });
    const at = { namesrv: names.address, broker: started.address };
    return { driver: await driver(), nameServer: names, broker: started, at };
  };
  const cluster: Interop['cluster'] = (nameKind = target, brokerKind = target) => {
    const key = `${nameKind}+${brokerKind}`;
    const started = clusters.get(key) ?? startCluster(nameKind, brokerKind);
    clusters.set(key, started);
    return started;
  };
  const stop = async (): Promise<void> => {
    if (jvm !== undefined) await (await jvm).stop();
    await Promise.all(
      brokers.filter((one) => one.child.isRunning).map(async (one) => await one.stop()),
    );
    await Promise.all(
      nameServers
        .filter((one) => one.child.isRunning)
        .map(async (one) => void (await one.child.stop())),
    );
    for (const { storePath } of brokers)
      assert.not(existsSync(join(storePath, 'abort')), `${storePath} was left clean`);
  };
  const interop = { target, driver, extraDriver, folder, nameServer, broker, cluster, unique };
  return { interop, stop };
};
