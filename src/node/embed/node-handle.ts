import type { ThreadRings } from '../core/root-options.ts';
import { NodeError } from '../node-error.ts';

/** Where a thread reads the messages of one broker: its commit log. */
export interface LogFacts {
  /** `host:port` of the broker. */
  readonly address: string;
  readonly folder: string;
  /** Length of its segments. */
  readonly segmentBytes: number;
}

/**
 * What one thread speaks to a node with: plain data and shared memory, to be sent to it by `workerData` or
 * `postMessage`. It serves one thread, once.
 */
export interface NodeHandle {
  /** Which node gave it. */
  readonly node: string;
  readonly id: number;
  readonly namesrvAddr: string;
  readonly rings: ThreadRings;
  readonly logs: readonly LogFacts[];
  /** What the thread maps is written down here, so that the node can unmap it when the thread died. */
  readonly mappings: SharedArrayBuffer;
  /** One word, int32: a `HandleUse`. */
  readonly use: SharedArrayBuffer;
}

/** 0: nobody has taken it; 1: a thread uses it; 2: that thread is done with it. */
type HandleUse = 0 | 1 | 2;

const UNUSED: HandleUse = 0;
const TAKEN: HandleUse = 1;
const DONE: HandleUse = 2;

/** Memory for `use`. */
export const handleUse = (): SharedArrayBuffer => new SharedArrayBuffer(4);

/**
 * Takes a handle for this thread.
 * @throws {NodeError} HANDLE_USED
 * @thread any
 */
export const takeHandle = ({ use }: NodeHandle): void => {
  if (Atomics.compareExchange(new Int32Array(use), 0, UNUSED, TAKEN) === UNUSED) return;
  const remedy = 'ask the node for another with handle()';
  throw new NodeError('HANDLE_USED', `a handle serves one thread, once; ${remedy}`);
};

/** Says that its thread needs a handle no longer. */
export const giveHandleUp = ({ use }: NodeHandle): void => {
  Atomics.store(new Int32Array(use), 0, DONE);
};

/** Whether a handle's thread is done with it. */
export const isHandleGivenUp = ({ use }: NodeHandle): boolean =>
  Atomics.load(new Int32Array(use), 0) === DONE;
