import { socketProblem } from '../node/index.ts';

const REMEDIES = {
  taken:
    'end that program, or choose another port (listenPort in the -c file; --broker-port and --namesrv-port of "saturnmq start")',
  denied: 'choose a port above 1023',
  foreign: 'choose another with bindAddress in the -c file or --host',
};

/** What kept a node from starting, as one line with the remedy where it is known. */
export const startProblem = (thrown: unknown): unknown => socketProblem(thrown, REMEDIES) ?? thrown;
