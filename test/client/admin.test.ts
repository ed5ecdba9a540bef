import { equal, is } from 'uvu/assert';
import { Admin } from '../../src/client/index.ts';
import { RequestCode } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster, type FakeCluster, rejectionCode } from './fake-cluster.ts';

const test = suite('admin');

const started = async (cluster: FakeCluster): Promise<Admin> => {
  const admin = new Admin({
    namesrvAddr: cluster.namesrvAddr,
    environment: cluster.environment(),
  });
  await admin.start();
  return admin;
};

test('a topic is created on every master, listed, shown and deleted', async () => {
  const cluster = createFakeCluster(2);
  const admin = await started(cluster);
  await cluster.settle(admin.createTopic('New', { queueNums: 3 }));
  for (const broker of cluster.brokers) is(broker.topics.get('New')?.length, 3);
  const [seen] = cluster.broker().of(RequestCode.UPDATE_AND_CREATE_TOPIC);
  is(seen?.fields['perm'], 6);
  is(seen?.fields['topicFilterType'], 'SINGLE_TAG');
  equal(await cluster.settle(admin.topicList()), ['New', 'TBW102']);
  const route = await cluster.settle(admin.topicRoute('New'));
  equal(
    route.queueDatas.map(({ brokerName }) => brokerName),
    ['broker-a', 'broker-b'],
  );
  await cluster.settle(admin.deleteTopic('New'));
  equal(await cluster.settle(admin.topicList()), ['TBW102']);
  is(cluster.nameServer.codes.includes(RequestCode.DELETE_TOPIC_IN_NAMESRV), true);
  is(await rejectionCode(cluster.settle(admin.topicRoute('New'))), 'TOPIC_NOT_FOUND');
  await admin.close();
});

test('the cluster is shown, and can be chosen', async () => {
  const cluster = createFakeCluster(2);
  const admin = await started(cluster);
  const info = await cluster.settle(admin.clusterInfo());
  equal([...info.brokerAddrTable.keys()], ['broker-a', 'broker-b']);
  const work = admin.createTopic('New', { clusterName: 'Other' });
  is(await rejectionCode(cluster.settle(work)), 'NO_QUEUE');
  is(await rejectionCode(admin.createTopic('not a name')), 'BAD_ARGUMENT');
});
