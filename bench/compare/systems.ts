import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JavaKit } from '../../test/support/java.ts';
import { startBroker, startNameServer, startNode } from '../../test/support/servers.ts';
import type { SystemName } from './plan.ts';

/** A broker with its name server, ready for load. */
export interface RunningSystem {
  readonly namesrvAddr: string;
  readonly address: string;
  readonly pids: readonly number[];
  /** From the start of the first process to the last one's ready line, what lies between not counted. */
  readonly readyMs: number;
  /** Files of the commit log that hold messages; one made ahead of its use counts as well. */
  segments(): number;
  stop(): Promise<void>;
}

/** When a broker acknowledges: once written, or once on the disk. */
export type Flush = 'ASYNC_FLUSH' | 'SYNC_FLUSH';

/** Something that can be measured. */
export interface System {
  readonly name: SystemName;
  start(folder: string, flush: Flush): Promise<RunningSystem>;
}

const JAVA_BROKER_FLAGS = ['-Xms2g', '-Xmx2g', '-XX:+UseG1GC'] as const;
const JAVA_NAMESRV_FLAGS = ['-Xms512m', '-Xmx512m', '-XX:+UseG1GC'] as const;

const countFiles = (folder: string): number =>
  readdirSync(folder).filter((name) => /^\d{20}$/.test(name)).length;

/** A Java 4.9.2 name server and broker, with the settings of broker.conf left at their defaults but for the flush. */
export const javaSystem = (java: JavaKit & { readonly kind: 'ready' }): System => ({
  name: 'java',
  start: async (folder, flush) => {
    const common = { kind: 'java', classPath: java.classPath } as const;
    const names = await startNameServer({
      ...common,
      folder: join(folder, 'namesrv'),
      jvmFlags: JAVA_NAMESRV_FLAGS,
    });
    const broker = await startBroker({
      ...common,
      folder: join(folder, 'broker'),
      namesrvAddr: names.address,
      jvmFlags: JAVA_BROKER_FLAGS,
      flushDiskType: flush,
      isPatient: false,
    });
    return {
      namesrvAddr: names.address,
      address: broker.address,
      pids: [names.child.pid, broker.child.pid],
      readyMs: names.child.readyMs + broker.child.readyMs,
      segments: () => countFiles(join(broker.storePath, 'commitlog')),
      stop: async () => {
        await broker.stop();
        await names.child.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
});

/** Ours, as `npm start` runs it: name server and broker in one process. */
export const saturnSystem = (): System => ({
  name: 'saturnmq',
  start: async (folder, flush) => {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'broker.conf');
    writeFileSync(file, `flushDiskType=${flush}\n`);
    const node = await startNode({ folder, args: ['-c', file] });
    return {
      namesrvAddr: node.namesrvAddr,
      address: node.address,
      pids: [node.child.pid],
      readyMs: node.child.readyMs,
      segments: () => countFiles(join(node.storePath, 'commitlog')),
      stop: async () => {
        await node.child.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
});
