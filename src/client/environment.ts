import { networkInterfaces } from 'node:os';
import {
  type Clock,
  type Logger,
  type Network,
  type Random,
  type Scheduler,
  silentLogger,
  systemClock,
  systemRandom,
  systemScheduler,
} from '../base/index.ts';
import { tcpNetwork } from '../transport/index.ts';

/** Everything a client takes from outside: replace it to run on simulated time and a simulated network. */
export interface ClientEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly logger: Logger;
  /** This machine's IP address, part of client ids and message ids. */
  readonly host: string;
  readonly processId: number;
}

/** The first IPv4 address that is not loopback; loopback where there is none. */
export const localHost = (): string => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const routable = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return routable?.address ?? '127.0.0.1';
};

/** This machine's time, randomness and sockets; logs nothing unless given a logger. */
export const systemEnvironment = (over: Partial<ClientEnvironment> = {}): ClientEnvironment => ({
  clock: systemClock,
  random: systemRandom,
  scheduler: systemScheduler,
  network: over.network ?? tcpNetwork(),
  logger: silentLogger,
  host: over.host ?? localHost(),
  processId: process.pid,
  ...over,
});
