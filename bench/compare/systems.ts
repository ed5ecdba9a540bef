import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JavaKit } from '../../test/support/java.ts';
import { startBroker, startNameServer, startNode } from '../../test/support/servers.ts';

/** A broker with its name server, ready for load. */
export interface RunningSystem {
  readonly address: string;
  readonly pids: readonly number[];
  /** From the start of the first process to the last one's ready line, what lies between not counted. */
  readonly readyMs: number;
  /** The broker's process alone. */
  readonly brokerReadyMs: number;
  stop(): Promise<void>;
}

/** Something that can be measured. */
export interface System {
  readonly name: 'java' | 'saturnmq';
  start(folder: string): Promise<RunningSystem>;
}

const JAVA_BROKER_FLAGS = ['-Xms2g', '-Xmx2g', '-XX:+UseG1GC'] as const;
const JAVA_NAMESRV_FLAGS = ['-Xms512m', '-Xmx512m', '-XX:+UseG1GC'] as const;

/** A Java 4.9.2 name server and broker, with the settings of broker.conf left at their defaults. */
export const javaSystem = (java: JavaKit & { readonly kind: 'ready' }): System => ({
  name: 'java',
  start: async (folder) => {
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
      isPatient: false,
    });
    return {
      address: broker.address,
      pids: [names.child.pid, broker.child.pid],
      readyMs: names.child.readyMs + broker.child.readyMs,
      brokerReadyMs: broker.child.readyMs,
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
  start: async (folder) => {
    const node = await startNode({ folder });
    return {
      address: node.address,
      pids: [node.child.pid],
      readyMs: node.child.readyMs,
      brokerReadyMs: node.child.readyMs,
      stop: async () => {
        await node.child.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
});
