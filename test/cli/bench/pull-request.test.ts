import * as assert from 'uvu/assert';
import { PullRequest } from '../../../src/cli/bench/pull-request.ts';
import {
  decodeCommand,
  decodeHeader,
  HEADER_TYPE,
  PullMessage,
  RequestView,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('pull request');
const header = {
  consumerGroup: 'queueOffset1',
  topic: 'T1queueOffset',
  queueId: 10,
  queueOffset: 0,
  maxMsgNums: 100,
  sysFlag: 4,
  commitOffset: 0,
  suspendTimeoutMillis: 1000,
  subscription: '*',
  subVersion: 0,
  expressionType: 'TAG',
};
const OFFSETS = [0, 1, 9, 10, 32, 99, 100, 12_345, 999_999, 7, Number.MAX_SAFE_INTEGER, 64];

for (const headerType of [HEADER_TYPE.JSON, HEADER_TYPE.ROCKETMQ])
  test(`header type ${headerType}: every offset arrives, and nothing else changes`, () => {
    const request = new PullRequest(header, headerType);
    const target = Buffer.alloc(10 + request.bytesMax);
    for (const [index, queueOffset] of OFFSETS.entries()) {
      const opaque = 1_000_000_000 + index;
      const end = request.write(target, 10, opaque, queueOffset);
      assert.ok(end <= target.length);
      const view = new RequestView();
      assert.ok(view.scan(target, 10, end));
      assert.is(view.opaque, opaque);
      const decoded = decodeHeader(PullMessage.request, decodeCommand(view).extFields);
      assert.equal(decoded, { ...header, queueOffset });
    }
  });
