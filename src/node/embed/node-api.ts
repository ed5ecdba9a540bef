import type { BrokerFacts } from '../core/root-options.ts';
import type { NodeHandle } from './node-handle.ts';

/** What a started node tells its application. */
export interface StartedFacts {
  readonly namesrvAddr: string;
  readonly brokers: readonly BrokerFacts[];
  /** For the thread that started it. */
  readonly handle: NodeHandle;
}

/** What the application's thread asks of the node's own. */
export type NodeApi = {
  readonly start: () => Promise<StartedFacts>;
  readonly attach: () => Promise<NodeHandle>;
  /** A handle's thread is gone: its rings are taken back, and what it left mapped is unmapped. */
  readonly release: (handle: Pick<NodeHandle, 'node' | 'id'>) => void;
  readonly inspect: () => Promise<unknown>;
  readonly close: () => Promise<void>;
};
