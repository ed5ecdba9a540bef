import * as assert from 'uvu/assert';
import {
  BLANK_MAGIC,
  HOST_V6_EXTRA_BYTES,
  hostExtraBytes,
  RECORD_AT,
  RECORD_FIXED_BYTES,
  RECORD_MAGIC_V1,
  RECORD_MAGIC_V2,
  SYS_FLAG,
} from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('record layout');

test('fields stand where the commit log has them', () => {
  // Positions of RocketMQ 4.9.2, CommitLog.java, hosts as IPv4.
  assert.equal(
    { ...RECORD_AT },
    {
      recordBytes: 0,
      magic: 4,
      bodyCrc: 8,
      queueId: 12,
      flag: 16,
      queueOffset: 20,
      commitLogOffset: 28,
      sysFlag: 36,
      bornTimestamp: 40,
      bornHost: 48,
      storeTimestamp: 56,
      storeHost: 64,
      reconsumeTimes: 72,
      preparedTransactionOffset: 76,
      bodyBytes: 84,
      body: 88,
    },
  );
  assert.is(RECORD_FIXED_BYTES, 91);
});

test("magic numbers are RocketMQ's", () => {
  assert.is(RECORD_MAGIC_V1, -626843481);
  assert.is(RECORD_MAGIC_V2, -626843477);
  assert.is(BLANK_MAGIC, -875286124);
});

test('each IPv6 host moves what follows by twelve bytes', () => {
  assert.is(hostExtraBytes(0), 0);
  assert.is(hostExtraBytes(SYS_FLAG.BORN_HOST_V6), HOST_V6_EXTRA_BYTES);
  assert.is(hostExtraBytes(SYS_FLAG.BORN_HOST_V6 | SYS_FLAG.STORE_HOST_V6), 24);
});
