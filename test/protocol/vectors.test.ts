import * as assert from 'uvu/assert';
import { readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('golden vectors');

/** Where each kind of vector is read, and written where it has a written form. */
const TESTED: Readonly<Record<string, string>> = {
  frame: 'test/protocol/remoting-command.test.ts',
  registerBrokerBody: 'test/protocol/bodies/register-broker.test.ts',
  fastjsonMap: 'test/protocol/json-shape.test.ts',
  fastjsonRef: 'test/protocol/json-references.test.ts',
  messageRecord: 'test/message/record-encode.test.ts, record-decode.test.ts',
  batchBody: 'test/message/batch.test.ts',
  offsetMsgId: 'test/message/message-id.test.ts',
  uniqId: 'test/message/unique-key.test.ts',
  javaStringHash: 'test/message/tags.test.ts',
};

/** Vectors of features this broker does not have. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'acl-send-v2': 'access control refuses to start: nothing signs or checks requests',
  'acl-query-token': 'access control refuses to start: nothing signs or checks requests',
  bitset: 'acknowledges batches of pop consumption, which is 5.x',
  'recall-handle': 'recalls timed messages, which is 5.x',
  'pop-ck': 'identifies messages of pop consumption, which is 5.x',
};

test('each golden vector is tested, or left out by name', () => {
  for (const { id, kind } of readVectors()) {
    const isTested = Object.hasOwn(TESTED, kind);
    assert.is.not(isTested, Object.hasOwn(LEFT_OUT, id), id);
  }
});
