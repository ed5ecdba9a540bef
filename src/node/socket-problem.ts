import { errorCode } from '../base/index.ts';
import { NodeError } from './node-error.ts';

/** What to do about each problem, in the words of who started the node. */
export interface SocketRemedies {
  readonly taken: string;
  readonly denied: string;
  readonly foreign: string;
}

const CAUSES_MAX = 8;

const problemOf = (
  error: Error,
  remedies: SocketRemedies,
): readonly ['PORT_TAKEN' | 'ADDRESS_UNUSABLE', string] | undefined => {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return ['PORT_TAKEN', `is taken by another program; ${remedies.taken}`];
    case 'EACCES':
      return ['ADDRESS_UNUSABLE', `may not be opened by this user; ${remedies.denied}`];
    case 'EADDRNOTAVAIL':
      return ['ADDRESS_UNUSABLE', `is no address of this machine; ${remedies.foreign}`];
    default:
      return undefined;
  }
};

/** The socket's error among the causes of `thrown`, as one line with a remedy; `undefined` where there is none. */
export const socketProblem = (thrown: unknown, remedies: SocketRemedies): NodeError | undefined => {
  let error = thrown;
  for (let depth = 0; error instanceof Error && depth < CAUSES_MAX; depth++) {
    const problem = problemOf(error, remedies);
    const { address, port } = error as { readonly address?: unknown; readonly port?: unknown };
    // Files can be denied as well; only a socket's error names a port.
    if (problem !== undefined && Number(port ?? 0) !== 0) {
      const facts = { address: String(address ?? 'the address'), port: Number(port) };
      const [code, text] = problem;
      return new NodeError(code, `port ${facts.port} on ${facts.address} ${text}`, facts, thrown);
    }
    error = error.cause;
  }
  return undefined;
};
