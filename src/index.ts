// The public names of the package.
export * from './client/index.ts';
export {
  type BrokerOptions,
  type BrokerSettings,
  loadBrokerSettings,
  loadNamesrvSettings,
  type NamesrvOptions,
  type NamesrvSettings,
  type NodeOptions,
  type RunningNode,
  startNode,
} from './node/index.ts';
