import type { ErrorFacts } from '../base/index.ts';
import { MqError } from '../base/index.ts';

/** What can keep a node from starting or answering; none goes away by trying again without a change. */
export const NODE_ERRORS = {
  /** A configuration file cannot be read. */
  CONFIG_UNREADABLE: { retryable: false },
  /** A value makes no sense. */
  CONFIG_INVALID: { retryable: false },
  /** A setting promises safety that this version lacks. */
  CONFIG_REFUSED: { retryable: false },
  /** namesrvAddr is not a list of host:port. */
  NAMESRV_ADDRESS_INVALID: { retryable: false },
  /** An option of `startNode` has the wrong type or value. */
  OPTION_INVALID: { retryable: false },
  /** Another node has the store, in this process or in another. */
  STORE_IN_USE: { retryable: true },
  /** The store's folder or a path in it cannot be used: rights, a file in the way, a read-only disk. */
  BAD_FOLDER: { retryable: false },
  /** No room for a store. */
  DISK_FULL: { retryable: true },
  /** A thread had no memory left, or could not be started for want of it. */
  OUT_OF_MEMORY: { retryable: true },
  /** What else keeps a node from starting; `cause` says what. */
  START_FAILED: { retryable: false },
  /** The node is closed, or was told to close. */
  NODE_CLOSED: { retryable: false },
  /** The node's own thread died. */
  NODE_FAILED: { retryable: false },
  /** A handle serves one thread, once. */
  HANDLE_USED: { retryable: false },
  /** More threads than a node can be reached from. */
  HANDLES_EXCEEDED: { retryable: true },
  /** Fewer brokers than before, and one that would be left out still holds messages. */
  SHARDS_LOWERED: { retryable: false },
  /** Another program listens on a port. */
  PORT_TAKEN: { retryable: false },
  /** An address is not this machine's, or a port needs more rights. */
  ADDRESS_UNUSABLE: { retryable: false },
  /** No node answers on the control socket. */
  CONTROL_UNREACHABLE: { retryable: true },
  /** The node answered a control request with an error. */
  CONTROL_FAILED: { retryable: false },
} as const;

/** Codes of NodeError. */
export type NodeErrorCode = keyof typeof NODE_ERRORS;

/** An error of the composition root; its message is one line that names the remedy. */
export class NodeError extends MqError<NodeErrorCode> {
  constructor(code: NodeErrorCode, message: string, details: ErrorFacts = {}, cause?: unknown) {
    super(NODE_ERRORS, code, message, details, cause);
    this.name = 'NodeError';
  }
}
