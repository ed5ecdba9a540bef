import type { Clock, Logger, Pool, Random, Scheduler } from '../base/index.ts';
import type { ActorDefinition } from './actor.ts';

/** What the actors of a worker thread are given. */
export interface ShardWorkerEnvironment {
  /** Name of the shard. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** `settings` of the shard's spec: plain data. */
  readonly settings: unknown;
  /** The helper threads of the system, where it has some. */
  readonly pool: Pool | undefined;
}

/** Actors by the names that roots are started under. Their configuration is plain data, since it crosses a thread. */
export type ActorTable = Readonly<Record<string, ActorDefinition<never, never>>>;

/** What a registry module exports: a function cannot be sent to a thread, so the thread imports its actors by URL. */
export interface RegistryModule {
  createActors(environment: ShardWorkerEnvironment): ActorTable | Promise<ActorTable>;
  /** Makes the thread's logger; without it nothing is logged. */
  createLogger?(shard: string, settings: unknown): Logger;
  /** Takes new settings while the shard runs. */
  configure?(settings: unknown): void;
}

/** An actor to start in a shard, by name and plain configuration. */
export interface RootSpec {
  readonly id: string;
  /** Name in the registry module's table. */
  readonly actor: string;
  readonly config: unknown;
  /** Default `permanent`. */
  readonly restart?: 'permanent' | 'transient' | 'temporary';
  readonly shutdownMs?: number;
  readonly mailboxMax?: number;
}
