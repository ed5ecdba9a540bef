import * as assert from 'uvu/assert';
import {
  COUNTER_MARK,
  OPAQUE_FIRST,
  RequestTemplate,
  SECOND_MARK,
  TIME_MARK,
  writeDigits,
} from '../../../src/cli/bench/request-template.ts';
import { encodeProperties, parseProperties } from '../../../src/message/index.ts';
import {
  decodeCommand,
  decodeHeader,
  HEADER_TYPE,
  RequestView,
  requestCommand,
  SendMessageV2,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('request template');

const command = requestCommand(
  SendMessageV2,
  {
    producerGroup: 'g',
    topic: 'T',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 3,
    sysFlag: 0,
    bornTimestamp: TIME_MARK,
    flag: 0,
    properties: encodeProperties({ KEYS: SECOND_MARK, UNIQ_KEY: `AB${COUNTER_MARK}` }),
    reconsumeTimes: 0,
    unitMode: false,
    batch: false,
  },
  { body: Buffer.from('hello') },
);

for (const headerType of [HEADER_TYPE.JSON, HEADER_TYPE.ROCKETMQ]) {
  test(`a written template is the command with its own opaque and time (header ${headerType})`, () => {
    const template = new RequestTemplate(command, headerType);
    const target = Buffer.alloc(2000);
    for (const [opaque, nowMs, counter] of [
      [OPAQUE_FIRST, 1_700_000_000_123, 1],
      [2_147_483_647, 1_800_000_000_999, 0xdeadbeef],
    ] as const) {
      const end = template.write(target, 10, opaque, nowMs, counter);
      target.write('hello', end);
      const view = new RequestView();
      assert.ok(view.scan(target, 10, end + 5));
      const decoded = decodeCommand(view);
      assert.is(decoded.opaque, opaque);
      assert.is(decoded.code, SendMessageV2.code);
      assert.is(decoded.body?.toString(), 'hello');
      const header = decodeHeader(SendMessageV2.request, decoded.extFields);
      assert.is(header.bornTimestamp, nowMs);
      assert.is(header.queueId, 3);
      const properties = parseProperties(header.properties ?? '');
      assert.is(properties.get('KEYS'), String(Math.floor(nowMs / 1000)));
      assert.is(
        properties.get('UNIQ_KEY'),
        `AB${counter.toString(16).toUpperCase().padStart(8, '0')}`,
      );
    }
  });
}

test('digits are right-aligned and padded with zeros', () => {
  const target = Buffer.from('xxxxxx');
  writeDigits(target, 1, 4, 42);
  assert.is(target.toString(), 'x0042x');
});
