import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { reservePort } from '../../../src/node/testing/reserved-port.ts';
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
