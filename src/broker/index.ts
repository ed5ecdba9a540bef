export {
  type BrokerActorConfig,
  type BrokerEnvironment,
  type BrokerMessage,
  createBrokerActor,
} from './broker.actor.ts';
export type { BrokerSettings } from './broker-settings.ts';
