import * as assert from 'uvu/assert';
import { startRoot } from '../../src/node/index.ts';
import {
  encodeHeader,
  GetKvConfig,
  GetRouteInfoByTopic,
  PutKvConfig,
  requestOf,
} from '../../src/protocol/index.ts';
import { eventually } from '../support/eventually.ts';
import { suite } from '../support/suite.ts';
import { brokerNode, NodeClient, namesrvNode, portOf, withFolder } from './node-fixture.ts';

const test = suite('namesrv shard');
const LIMIT_MS = 60_000;
const TOPIC_NOT_EXIST = 17;

test(
  'a name server alone serves, and a successor on its port finds what was put',
  () =>
    withFolder(async (folder) => {
      const key = { namespace: 'ORDER_TOPIC_CONFIG', key: 'Orders' };
      let port = 0;
      for (const round of [0, 1]) {
        const node = await startRoot(namesrvNode(folder, port));
        const client = new NodeClient(node.namesrvAddress ?? '');
        try {
          port = portOf(node.namesrvAddress);
          assert.is(node.brokerAddress ?? '', '');
          if (round === 0) {
            const put = { ...key, value: 'broker-a:8' };
            const extFields = encodeHeader(PutKvConfig.request, put);
            assert.is((await client.request(requestOf(PutKvConfig.code, { extFields }))).code, 0);
          }
          const extFields = encodeHeader(GetKvConfig.request, key);
          const answer = await client.request(requestOf(GetKvConfig.code, { extFields }));
          assert.is(answer.extFields?.['value'], 'broker-a:8');
        } finally {
          client.close();
          await node.close();
        }
      }
    }),
  LIMIT_MS,
);

test(
  'it knows a broker from the moment it registers until it ends',
  () =>
    withFolder(async (folder) => {
      const namesrv = await startRoot(namesrvNode(folder));
      const client = new NodeClient(namesrv.namesrvAddress ?? '');
      const extFields = encodeHeader(GetRouteInfoByTopic.request, { topic: 'TBW102' });
      const route = () => client.request(requestOf(GetRouteInfoByTopic.code, { extFields }));
      const options = brokerNode(folder);
      const namesrvAddr = [namesrv.namesrvAddress ?? ''];
      try {
        assert.is((await route()).code, TOPIC_NOT_EXIST);
        const broker = await startRoot({
          ...options,
          ...(options.broker && { broker: { ...options.broker, namesrvAddr } }),
        });
        const known = await eventually(route, ({ code }) => code === 0, LIMIT_MS / 2);
        assert.ok(String(known.body).includes(broker.brokerAddress ?? '?'), String(known.body));
        await broker.close();
        const gone = await eventually(route, ({ code }) => code !== 0, LIMIT_MS / 2);
        assert.is(gone.code, TOPIC_NOT_EXIST);
      } finally {
        client.close();
        await namesrv.close();
      }
    }),
  LIMIT_MS,
);
