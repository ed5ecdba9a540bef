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
  type RootOptions as NodeOptions,
  type RunningRoot as RunningNode,
  readMachineFacts,
  startRoot as startNode,
} from './node/index.ts';
