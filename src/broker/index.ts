export {
  type BrokerActorConfig,
  type BrokerEnvironment,
  createBrokerActor,
} from './broker.actor.ts';
export type { BrokerSettings } from './broker-settings.ts';
