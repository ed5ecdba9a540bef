import * as assert from 'uvu/assert';
import { type Socket, silentLogger, systemClock, systemScheduler } from '../../src/base/index.ts';
import { RingHost } from '../../src/node/ring-host.ts';
import { Doorbell } from '../../src/ring/index.ts';
import { createRingPair } from '../../src/transport/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('ring host');
const LIMIT_MS = 30_000;
const NAMESRV = '127.0.0.1:9876';
const environment = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };

/** A server that takes connections. */
const taking = () => {
  const sockets: Socket[] = [];
  let tell = (): void => undefined;
  const taken = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = {
    adopt(socket: Socket): void {
      sockets.push(socket);
      tell();
    },
  };
  return { sockets, server, taken };
};

test(
  'connections wait for the server, and reach it through the network of another thread',
  async () => {
    const [doorbell, other] = [Doorbell.memory(), Doorbell.memory()];
    const pair = createRingPair({ serverDoorbell: doorbell, clientDoorbell: other });
    const namesrv = new RingHost({ doorbell, spinUs: 0 }, environment);
    const broker = new RingHost(
      { doorbell: other, spinUs: 0, namesrv: { address: NAMESRV, pair } },
      environment,
    );
    const { sockets, server, taken } = taking();
    namesrv.add(pair);
    const connected = new Promise<Socket | undefined>((resolve) =>
      broker.network.connect({ host: '127.0.0.1', port: 9876, timeoutMs: LIMIT_MS }, (_, socket) =>
        resolve(socket),
      ),
    );
    assert.is(sockets.length, 0);
    namesrv.serveBy(server);
    const socket = await connected;
    assert.ok(socket !== undefined);
    await taken;
    assert.is(sockets.length, 1);
    namesrv.remove(pair);
    namesrv.close();
    broker.close();
  },
  LIMIT_MS,
);
