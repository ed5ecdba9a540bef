import { errorCode } from '../base/index.ts';
import { NodeError } from '../node/index.ts';

const REASONS: Readonly<
  Record<string, readonly ['PORT_TAKEN' | 'ADDRESS_UNUSABLE', string, string]>
> = {
  EADDRINUSE: [
    'PORT_TAKEN',
    'is taken by another program',
    'end that program, or choose another port (listenPort in the -c file; --broker-port and --namesrv-port of "saturnmq start")',
  ],
  EACCES: ['ADDRESS_UNUSABLE', 'may not be opened by this user', 'choose a port above 1023'],
  EADDRNOTAVAIL: [
    'ADDRESS_UNUSABLE',
    'is no address of this machine',
    'choose another with bindAddress in the -c file or --host',
  ],
};

const facts = (error: Error): { address: string; port: number } => {
  const { address, port } = error as { address?: unknown; port?: unknown };
  return { address: String(address ?? 'the address'), port: Number(port ?? 0) };
};

/** What kept a node from starting, as one line with the remedy where it is known. */
export const startProblem = (thrown: unknown): unknown => {
  for (
    let error = thrown, depth = 0;
    error instanceof Error && depth < 8;
    error = error.cause, depth++
  ) {
    const reason = REASONS[errorCode(error) ?? ''];
    if (reason === undefined) continue;
    const { address, port } = facts(error);
    // Files can be denied as well; only a socket's error names a port.
    if (port === 0) continue;
    const [code, problem, remedy] = reason;
    return new NodeError(
      code,
      `port ${port} on ${address} ${problem}; ${remedy}`,
      { address, port },
      thrown,
    );
  }
  return thrown;
};
