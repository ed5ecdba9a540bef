import { dirname } from 'node:path';
import { type ErrorFacts, errorCode, errorMessage } from '../../base/index.ts';
import { NODE_ERRORS, NodeError, type NodeErrorCode } from '../node-error.ts';
import { socketProblem } from '../socket-problem.ts';

const REMEDIES = {
  taken: 'choose another with listen.port and listen.namesrvPort, or open none with listen: false',
  denied: 'choose a port above 1023',
  foreign: 'choose another with listen.host',
};
const START_ANOTHER = '; close it and start another, which recovers its store';
const MEMORY_CODES = new Set(['ERR_WORKER_OUT_OF_MEMORY', 'ERR_WORKER_INIT_FAILED', 'ENOMEM']);

const isNodeCode = (code: string | undefined): code is NodeErrorCode =>
  code !== undefined && Object.hasOwn(NODE_ERRORS, code);

const isNodeError = (thrown: unknown): thrown is NodeError =>
  thrown instanceof Error && thrown.name === 'NodeError' && isNodeCode(errorCode(thrown));

const detailsOf = (thrown: unknown): ErrorFacts => {
  const { details } = thrown as { readonly details?: ErrorFacts };
  return typeof details === 'object' ? { ...details } : {};
};

const storeInUse = (error: Error): NodeError => {
  const { path, holder } = detailsOf(error);
  const who =
    holder === process.pid
      ? 'another node of this process'
      : holder === undefined
        ? 'another process'
        : `process ${holder}`;
  return new NodeError(
    'STORE_IN_USE',
    `the store in ${dirname(String(path))} is in use by ${who}: one node has a store, everybody else reaches it over TCP. Let that node listen and give clients its namesrvAddr, or choose another storePath.`,
    { path: String(path), ...(typeof holder === 'number' ? { holder } : {}) },
    error,
  );
};

/** What kept a node from starting or ended it, with the remedy in an application's words. */
export const nodeFailure = (
  thrown: unknown,
  otherwise: 'START_FAILED' | 'NODE_FAILED' = 'START_FAILED',
): NodeError => {
  if (isNodeError(thrown)) return thrown;
  const problem = socketProblem(thrown, REMEDIES);
  if (problem !== undefined) return problem;
  const code = errorCode(thrown);
  const message = errorMessage(thrown);
  if (thrown instanceof Error && code === 'STORE_IN_USE') return storeInUse(thrown);
  if (code !== undefined && MEMORY_CODES.has(code)) {
    const remedy =
      'raise heapMaxMib (or --max-old-space-size, which goes before it), the limit of the process or of its container, or start fewer shards';
    return new NodeError(
      'OUT_OF_MEMORY',
      `a thread of the node had no memory left; ${remedy}`,
      {},
      thrown,
    );
  }
  if (code === 'BAD_FOLDER' || code === 'NOT_FOUND')
    return new NodeError(
      'BAD_FOLDER',
      `${message} Choose a storePath on a disk that this process may write to.`,
      {},
      thrown,
    );
  if (isNodeCode(code)) return new NodeError(code, message, detailsOf(thrown), thrown);
  if (code === 'RESTARTS_EXCEEDED' && thrown instanceof Error && thrown.cause !== undefined)
    return diedAgain(thrown, thrown.cause, otherwise);
  return new NodeError(
    otherwise,
    `the node failed: ${message}${otherwise === 'NODE_FAILED' ? START_ANOTHER : ''}`,
    code === undefined ? {} : { code },
    thrown,
  );
};

/** What its threads died of says more than that they died too often. */
const diedAgain = (
  thrown: Error,
  cause: unknown,
  otherwise: 'START_FAILED' | 'NODE_FAILED',
): NodeError => {
  const failure = nodeFailure(cause, otherwise);
  if (failure.code !== otherwise) return failure;
  const message = `the node failed: ${thrown.message}, the last of ${errorMessage(cause)}${START_ANOTHER}`;
  return new NodeError(otherwise, message, failure.details, thrown);
};

/** What the node's thread said in these words already, as the error it was there. */
export const crossedFailure = (thrown: unknown): NodeError => {
  const code = errorCode(thrown);
  if (!(thrown instanceof Error) || !isNodeCode(code)) return nodeFailure(thrown, 'NODE_FAILED');
  return new NodeError(code, thrown.message, detailsOf(thrown), thrown.cause);
};
