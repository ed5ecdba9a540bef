import * as assert from 'uvu/assert';
import { Producer } from '../../../src/client/index.ts';
import { connectNode } from '../../../src/node/index.ts';
import { suite } from '../../support/suite.ts';
import { failureOf } from '../node-fixture.ts';
import { withEmbedded } from './embed-fixture.ts';

const test = suite('connect node');
const LIMIT_MS = 60_000;

test(
  'a handle connects once, and what it connected closes with it',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const handle = await node.handle();
      const connected = await connectNode(handle);
      assert.is(connected.namesrvAddr, node.namesrvAddr);
      assert.is((await failureOf(connectNode(handle))).code, 'HANDLE_USED');
      const producer = new Producer({ node: connected, producerGroup: 'connected' });
      await producer.start();
      const { sendStatus } = await producer.send({ topic: 'Connected', body: 'first' });
      assert.is(sendStatus, 'SEND_OK');
      connected.close();
      connected[Symbol.dispose]();
      const late = await failureOf(producer.send({ topic: 'Connected', body: 'late' }));
      assert.ok(late.code, 'a send over closed rings fails');
      await producer.close();
      const refused = await failureOf(
        (async () => new Producer({ node: connected, producerGroup: 'late' }).start())(),
      );
      assert.is(refused.code, 'NODE_CLOSED');
    }),
  LIMIT_MS,
);
