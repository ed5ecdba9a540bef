export * from './actor.ts';
export * from './actor-error.ts';
export type { ActorState } from './cell.ts';
export { child, type SupervisorSpec, supervisor } from './child.ts';
export { callPort, type PortApi, type PortCaller, servePort } from './control.ts';
export type { ActorFacts, ShardFacts, ThreadFacts } from './facts.ts';
export * from './limits.ts';
export { fromPlainError, type PlainError, toPlainError } from './plain-error.ts';
export { createPool, type HelperPool, type PoolOptions } from './pool.ts';
export type { ActorTable, RegistryModule, RootSpec, ShardWorkerEnvironment } from './registry.ts';
export type {
  BackoffSpec,
  EndReason,
  RestartRule,
  Strategy,
  SupervisionSpec,
} from './restart-policy.ts';
export { Shard, type ShardEnvironment } from './shard.ts';
export type { ShardExit, ShardSpec, ShardState } from './shard-slot.ts';
export {
  ActorSystem,
  type ActorSystemOptions,
  ROOT_SHARD,
  type ShardSlotFacts,
  type SystemFacts,
} from './system.ts';
