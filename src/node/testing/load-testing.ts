import type { TestBroker, TestBrokerOptions } from './test-broker.ts';

/** `createTestBroker`, loaded by its first call: who starts a node has no need of a broker in its own thread. */
export const startTestBroker = async (options: TestBrokerOptions = {}): Promise<TestBroker> => {
  const { createTestBroker } = await import('./test-broker.ts');
  return createTestBroker(options);
};
