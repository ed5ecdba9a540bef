import { availableParallelism, homedir, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { detectLocalAddress } from '../address.ts';

/** What defaults depend on; passed in, so that a test can be another machine. */
export interface MachineFacts {
  readonly node: 'broker' | 'namesrv';
  readonly cpus: number;
  /** The user's home folder, Java's `user.home`. */
  readonly home: string;
  /** Empty where the machine has no name. */
  readonly hostName: string;
  readonly localAddress: string;
  /** The installed package, which serves as ROCKETMQ_HOME. */
  readonly packageFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Looks at this machine. */
export const readMachineFacts = (
  node: MachineFacts['node'],
  environment: MachineFacts['environment'] = process.env,
): MachineFacts => ({
  node,
  cpus: availableParallelism(),
  home: homedir(),
  hostName: hostname(),
  localAddress: detectLocalAddress(),
  packageFolder: fileURLToPath(new URL('../../../../', import.meta.url)),
  environment,
});
