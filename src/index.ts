// The public names of the package.
export * from './client/index.ts';
export {
  type BrokerSettings,
  type ListenOptions,
  NODE_ERRORS,
  NodeError,
  type NodeErrorCode,
  type NodeEvents,
  type NodeLogger,
  type NodeOptions,
  type SaturnNode,
  startNode,
} from './node/index.ts';
