import type { BrokerFacts } from '../core/root-options.ts';

/** What a started node tells its application. */
export interface StartedFacts {
  readonly namesrvAddr: string;
  readonly brokers: readonly BrokerFacts[];
}

/** What the application's thread asks of the node's own. */
export type NodeApi = {
  readonly start: () => Promise<StartedFacts>;
  readonly inspect: () => Promise<unknown>;
  readonly close: () => Promise<void>;
};
