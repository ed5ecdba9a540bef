export * from './actor.ts';
export * from './actor-error.ts';
export type { ActorState } from './cell.ts';
export { child, type SupervisorSpec, supervisor } from './child.ts';
export type { ActorFacts, ShardFacts, ThreadFacts } from './facts.ts';
export * from './limits.ts';
export type {
  BackoffSpec,
  EndReason,
  RestartRule,
  Strategy,
  SupervisionSpec,
} from './restart-policy.ts';
export { Shard, type ShardEnvironment } from './shard.ts';
