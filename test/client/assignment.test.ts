import { equal, is } from 'uvu/assert';
import { Assignment } from '../../src/client/assignment.ts';
import { ClientCore } from '../../src/client/core.ts';
import {
  encodeGetConsumerListByGroupResponse,
  RequestCode,
  ResponseCode,
  responseOf,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster } from './fake-cluster.ts';

const test = suite('assignment');

const create = (members: (own: string) => string[] | undefined) => {
  const cluster = createFakeCluster();
  cluster.broker().createTopic('T', 4);
  const options = { namesrvAddr: cluster.namesrvAddr, environment: cluster.environment() };
  const core = new ClientCore(options, {});
  core.start();
  cluster.broker().script = ({ code }) => {
    if (code !== RequestCode.GET_CONSUMER_LIST_BY_GROUP) return undefined;
    const consumerIdList = members(core.clientId);
    if (consumerIdList === undefined) return responseOf(ResponseCode.SYSTEM_ERROR);
    const body = encodeGetConsumerListByGroupResponse({ consumerIdList });
    return responseOf(ResponseCode.SUCCESS, { body });
  };
  const ids = async (model: 'CLUSTERING' | 'BROADCASTING', topic = 'T') => {
    const assignment = new Assignment(core, 'CG', model);
    return (await cluster.settle(assignment.queuesOf(topic)))?.map(({ queueId }) => queueId);
  };
  return { cluster, ids };
};

test('members share by the order of their ids, however the broker lists them', async () => {
  // The client's own id begins with "10": it lies between the two others.
  equal(await create((own) => ['99', own, '00']).ids('CLUSTERING'), [2]);
  equal(await create((own) => [own]).ids('CLUSTERING'), [0, 1, 2, 3]);
});

test('all stays as it is while the broker does not know this member, or cannot say', async () => {
  is(await create(() => ['99', '00']).ids('CLUSTERING'), undefined);
  is(await create(() => undefined).ids('CLUSTERING'), undefined);
  is(await create((own) => [own]).ids('CLUSTERING', 'Missing'), undefined);
});

test('a broadcasting member gets all queues and asks nobody', async () => {
  const { cluster, ids } = create(() => undefined);
  equal(await ids('BROADCASTING'), [0, 1, 2, 3]);
  is(cluster.broker().of(RequestCode.GET_CONSUMER_LIST_BY_GROUP).length, 0);
});
