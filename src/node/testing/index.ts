// What `saturnmq/testing` exports.
export type { BrokerSettings } from '../config/settings.ts';
export {
  createTestBroker,
  type TestBroker,
  type TestBrokerClock,
  type TestBrokerOptions,
} from './test-broker.ts';
export type { ClockMode } from './test-clock.ts';
