import { type AddressInfo, createServer } from 'node:net';
import * as assert from 'uvu/assert';
import { countStored } from '../../bench/compare/offsets.ts';
import { suite } from '../support/suite.ts';

const test = suite('stored messages');

test('a broker that closes without an answer is an error, not a wait without an end', async () => {
  const server = createServer((socket) => socket.resume().end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const thrown = await countStored(`127.0.0.1:${port}`, 'Topic', 4).catch((error) => error);
  server.close();
  assert.match(
    (thrown as Error).message,
    /closed before it said what Topic holds|ECONNRESET|EPIPE/,
  );
});
