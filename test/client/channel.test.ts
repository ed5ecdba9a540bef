import { equal, is } from 'uvu/assert';
import { openTcpChannel } from '../../src/client/channel.ts';
import {
  decodeCommand,
  GetConsumerConnectionList,
  NotifyConsumerIdsChanged,
  type RemotingCommand,
  ResponseCode,
  requestOf,
  responseOf,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { createFakeCluster } from './fake-cluster.ts';

const test = suite('channel');
const HEADER = { consumerGroup: 'CG' };

test('calls go out, requests of the server come in and are answered, a loss is told', async () => {
  const cluster = createFakeCluster();
  const { address } = cluster.broker();
  const asked: number[] = [];
  const lost: string[] = [];
  const channel = openTcpChannel(cluster.environment(), {
    onRequest(command, from, reply) {
      asked.push(command.code);
      is(from, address);
      reply(responseOf(ResponseCode.SUCCESS, { remark: 'heard' }));
    },
    onDisconnect: (from) => lost.push(from),
  });
  const ask = (): Promise<RemotingCommand | undefined> =>
    new Promise((resolve) =>
      channel.call(GetConsumerConnectionList, address, HEADER, undefined, 1000, (_, view) =>
        resolve(view && decodeCommand(view)),
      ),
    );
  const response = await cluster.settle(ask());
  is(response?.code, ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
  equal(cluster.broker().seen[0]?.fields, HEADER);
  const peer = cluster.broker().seen[0]?.peer;
  const remarks: (string | undefined)[] = [];
  peer?.request(requestOf(NotifyConsumerIdsChanged.code), 1000, (_, answer) =>
    remarks.push(answer?.remark),
  );
  await cluster.advance(20);
  equal(asked, [40]);
  equal(remarks, ['heard']);
  peer?.destroy();
  await cluster.advance(20);
  equal(lost, [address]);
  channel.close();
  is(await cluster.settle(ask()), undefined);
});
