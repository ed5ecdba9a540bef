// The public names of the package.
export * from './client/index.ts';
export {
  type BrokerOptions,
  type BrokerSettings,
  loadBrokerSettings,
  loadNamesrvSettings,
  type MachineFacts,
  type NamesrvOptions,
  type NamesrvSettings,
  type NodeOptions,
  type RunningNode,
  readMachineFacts,
  startNode,
} from './node/index.ts';
