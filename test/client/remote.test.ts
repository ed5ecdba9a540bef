import { equal, is, throws } from 'uvu/assert';
import type { Channel } from '../../src/client/channel.ts';
import { Remote, understood } from '../../src/client/remote.ts';
import {
  GetMaxOffset,
  type RemotingCommand,
  ResponseCode,
  requestCommand,
  responseOf,
  SendMessageV2,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { rejectionCode, viewOf } from './fake-cluster.ts';

const test = suite('remote');
const BOUNDS = { timeoutMs: 10 };
const HEADER = { topic: 'T', queueId: 1 };

const remoteWith = (response: RemotingCommand) => {
  const sent: RemotingCommand[] = [];
  const channel: Channel = {
    call(definition, _, header, __, ___, done) {
      sent.push(requestCommand(definition, header));
      setImmediate(() => done(undefined, viewOf(response)));
    },
    oneway(definition, _, header, __, done) {
      sent.push(requestCommand(definition, header));
      setImmediate(done);
    },
    close: () => undefined,
  };
  return { sent, remote: new Remote(channel) };
};

test('headers are written and read by the command definition', async () => {
  const { sent, remote } = remoteWith(responseOf(0, { extFields: { offset: '12' } }));
  const answer = await remote.call(GetMaxOffset, 'a:1', HEADER, BOUNDS);
  is(answer.header.offset, 12);
  is(answer.body.length, 0);
  is(sent[0]?.code, 30);
  equal(sent[0]?.extFields, { topic: 'T', queueId: '1' });
});

test('send headers go out under their short names', async () => {
  const { sent, remote } = remoteWith(responseOf(0));
  const header = {
    producerGroup: 'PG',
    topic: 'T',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 1,
    sysFlag: 0,
    bornTimestamp: 5,
    flag: 0,
  };
  await remote.tell(SendMessageV2, 'a:1', header, Buffer.from('x'));
  equal(sent[0]?.extFields, {
    a: 'PG',
    b: 'T',
    c: 'TBW102',
    d: '4',
    e: '1',
    f: '0',
    g: '5',
    h: '0',
  });
});

test('a code that was not expected is a refusal, a header that is no header a bad response', async () => {
  const refused = remoteWith(responseOf(ResponseCode.SYSTEM_ERROR));
  is(await rejectionCode(refused.remote.call(GetMaxOffset, 'a:1', HEADER, BOUNDS)), 'REFUSED');
  const empty = remoteWith(responseOf(0));
  is(await rejectionCode(empty.remote.call(GetMaxOffset, 'a:1', HEADER, BOUNDS)), 'BAD_RESPONSE');
  throws(
    () => understood('a:1', () => JSON.parse('{')),
    (error: { code?: string }) => error.code === 'BAD_RESPONSE',
  );
});
