// The public names of the package.
export * from './client/index.ts';
export {
  type BrokerSettings,
  type ConnectedNode,
  connectNode,
  type ListenOptions,
  NODE_ERRORS,
  NodeError,
  type NodeErrorCode,
  type NodeEvents,
  type NodeHandle,
  type NodeLogger,
  type NodeOptions,
  type SaturnNode,
  startNode,
} from './node/index.ts';
