import * as assert from 'uvu/assert';
import * as send from '../../../src/protocol/commands/send.ts';
import { decodeHeader, encodeHeader } from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('send commands');
const HEADER: send.SendMessageHeader = {
  producerGroup: 'PG',
  topic: 'T',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 0,
  sysFlag: 0,
  bornTimestamp: 1,
  flag: 0,
};

test('messages are sent as in 4.9.2', () => {
  for (const command of commandsOf(send)) assertGolden(command);
});

test('the long and the short form carry the same header', () => {
  const short = encodeHeader(send.SendMessageV2.request, HEADER);
  assert.equal(Object.keys(short).sort(), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  assert.equal(decodeHeader(send.SendMessageV2.request, short), HEADER);
  assert.equal(
    decodeHeader(send.SendMessage.request, encodeHeader(send.SendMessage.request, HEADER)),
    HEADER,
  );
});

test('the three codes with short names have the same ones', () => {
  const { request } = send.SendMessageV2;
  assert.equal(send.SendBatchMessage.request, request);
  assert.equal(send.SendReplyMessageV2.request, request);
});
