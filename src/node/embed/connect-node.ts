import type { ClientNode } from '../../client/index.ts';
import type { NodeHandle } from './node-handle.ts';

/** A node of another thread of this process, for the clients of this one. */
export interface ConnectedNode extends ClientNode, Disposable {
  /** Closes what clients left open. */
  close(): void;
}

/**
 * Connects this thread with a node by a handle of its own: `await node.handle()`, sent to the thread.
 * @throws {NodeError} HANDLE_USED
 */
export const connectNode = async (handle: NodeHandle): Promise<ConnectedNode> => {
  // Loaded by the threads that use it: who starts a node and never speaks to it needs none of it.
  const { RingClient } = await import('./ring-client.ts');
  const client = new RingClient(handle);
  return {
    namesrvAddr: client.namesrvAddr,
    openChannel: (environment, events) => client.openChannel(environment, events),
    close: () => client.close(),
    [Symbol.dispose]: () => client.close(),
  };
};
