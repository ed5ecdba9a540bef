import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import {
  type ReservedPort,
  reservePort,
  reserveTwoPorts,
} from '../../../src/node/testing/reserved-port.ts';
import { suite } from '../../support/suite.ts';

const test = suite('reserved port');

test('a port is taken before its server exists, and nobody who connects early is lost', async () => {
  const reserved = await reservePort('127.0.0.1');
  assert.ok(reserved.port > 0);
  const client = connect({ host: '127.0.0.1', port: reserved.port });
  await new Promise((done) => client.once('connect', done));
  const remote = await new Promise<number>((done) => {
    reserved.network.listen(
      { host: '127.0.0.1', port: reserved.port },
      (socket) => {
        socket.start({
          onData: () => undefined,
          onDrain: () => undefined,
          onClose: () => undefined,
        });
        done(socket.remote.port);
        socket.destroy();
      },
      () => undefined,
    );
  });
  assert.is(remote, client.localPort);
  client.destroy();
  reserved.close();
});

test('two are different, and an address of another machine is refused', async () => {
  const [first, second] = await Promise.all([reservePort('127.0.0.1'), reservePort('127.0.0.1')]);
  assert.is.not(first.port, second.port);
  first.close();
  second.close();
  let code: unknown;
  await reservePort('192.0.2.1').catch((error) => {
    code = error.code;
  });
  assert.is(code, 'EADDRNOTAVAIL');
});

test('a second port that is refused takes the first with it', async () => {
  const closed: number[] = [];
  const given: ReservedPort[] = [];
  const reserve = async (host: string): Promise<ReservedPort> => {
    if (given.length > 0) throw new Error('no descriptor left');
    const one = await reservePort(host);
    given.push(one);
    const close = (): void => {
      closed.push(one.port);
      one.close();
    };
    return { ...one, close };
  };
  let message = '';
  await reserveTwoPorts('127.0.0.1', reserve).catch((error: Error) => {
    message = error.message;
  });
  assert.is(message, 'no descriptor left');
  assert.equal(
    closed,
    given.map(({ port }) => port),
  );
  assert.is(closed.length, 1);
});
