import * as assert from 'uvu/assert';
import { countStored } from '../../../src/cli/bench/count-stored.ts';
import { Producer } from '../../../src/client/index.ts';
import { withEmbedded } from '../../node/embed/embed-fixture.ts';
import { suite } from '../../support/suite.ts';

const test = suite('count stored');

test(
  'all queues of a topic are counted, and no other topic',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const producer = new Producer({ node, producerGroup: 'g' });
      await producer.start();
      for (const body of ['a', 'b', 'c', 'd', 'e']) await producer.send({ topic: 'T', body });
      await producer.send({ topic: 'U', body: 'f' });
      await producer.close();
      assert.is(await countStored({ node }, 'T'), 5);
    }),
  60_000,
);
