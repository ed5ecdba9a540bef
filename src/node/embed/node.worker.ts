// Entry of an embedded node's own thread: the root, which supervises the threads of the servers. It is a thread of its
// own so that an application that blocks its event loop stops neither supervision nor anybody's TCP connection.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { servePort, toPlainError } from '../../actors/index.ts';
import type { RunningRoot } from '../core/root-options.ts';
import { startRoot } from '../core/start-root.ts';
import { createLogger, type LogOptions } from '../logging.ts';
import { NodeError } from '../node-error.ts';
import { Handles } from './handles.ts';
import type { NodeApi } from './node-api.ts';
import { nodeFailure } from './node-failure.ts';
import type { NodeEvents, PlainNodeOptions } from './node-options.ts';
import { planNode } from './plan-node.ts';

/** `workerData` of this thread. */
export interface NodeWorkerData {
  readonly options: PlainNodeOptions;
  readonly log: LogOptions;
  readonly control: MessagePort;
}

const data = workerData as NodeWorkerData;
const logger = createLogger(data.log, { shard: 'node' });

/** An error crosses as plain data, so that its code survives. */
const emit = <E extends keyof NodeEvents>(event: E, ...facts: NodeEvents[E]): void => {
  const plain = facts.map((fact) => (fact instanceof Error ? toPlainError(fact) : fact));
  parentPort?.postMessage({ event, facts: plain });
};

const createApi = (): NodeApi => {
  let root: RunningRoot | undefined;
  let handles: Handles | undefined;
  const given = (): Handles => {
    if (handles === undefined) throw new NodeError('NODE_CLOSED', 'the node does not run');
    return handles;
  };
  return {
    async start() {
      const { options, warnings } = planNode(data.options);
      for (const warning of warnings) {
        logger.warn({}, warning);
        emit('warning', warning);
      }
      const starting = startRoot({
        ...options,
        logger,
        log: data.log,
        onShardExit: (exit) => emit('shardExit', exit),
        onShardRestart: (restart) => emit('shardRestart', restart),
      });
      // Here, where the error still has all its facts.
      root = await starting.catch((error) => {
        throw nodeFailure(error);
      });
      root.onFatal((error) => emit('fatal', nodeFailure(error, 'NODE_FAILED')));
      const { namesrv } = data.options;
      const namesrvAddr = typeof namesrv === 'string' ? namesrv : (root.namesrvAddress ?? '');
      handles = new Handles(root, namesrvAddr);
      return { namesrvAddr, brokers: root.brokers, handle: await handles.give() };
    },
    attach: async () => given().give(),
    release: (handle) => given().release(handle),
    async inspect() {
      return root?.inspect();
    },
    async close() {
      await root?.close();
      // After the answer has been posted; what a failed start left behind may not keep the thread alive.
      setImmediate(() => setImmediate(() => process.exit(0)));
    },
  };
};

servePort(data.control, createApi());
