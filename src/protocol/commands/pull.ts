// Reading messages.

import { defineCommand, type HeaderOf } from '../schema.ts';

const PULL_REQUEST = {
  consumerGroup: 'string',
  topic: 'string',
  queueId: 'int32',
  queueOffset: 'int64',
  maxMsgNums: 'int32',
  sysFlag: 'int32',
  commitOffset: 'int64',
  suspendTimeoutMillis: 'int64',
  subscription: 'string?',
  subVersion: 'int64',
  expressionType: 'string?',
} as const;

const PULL_RESPONSE = {
  suggestWhichBrokerId: 'int64',
  nextBeginOffset: 'int64',
  minOffset: 'int64',
  maxOffset: 'int64',
} as const;

/** Reads a queue from an offset on; may wait for a message to arrive. */
export const PullMessage = defineCommand({
  name: 'PULL_MESSAGE',
  code: 11,
  to: 'broker',
  request: PULL_REQUEST,
  response: PULL_RESPONSE,
});

/** `PULL_MESSAGE` as lite pull consumers of 5.x send it. */
export const LitePullMessage = defineCommand({
  name: 'LITE_PULL_MESSAGE',
  code: 361,
  to: 'broker',
  request: PULL_REQUEST,
  response: PULL_RESPONSE,
});

/** Finds messages by key. */
export const QueryMessage = defineCommand({
  name: 'QUERY_MESSAGE',
  code: 12,
  to: 'broker',
  request: {
    topic: 'string',
    key: 'string',
    maxNum: 'int32',
    beginTimestamp: 'int64',
    endTimestamp: 'int64',
  },
  response: { indexLastUpdateTimestamp: 'int64', indexLastUpdatePhyoffset: 'int64' },
});

/** Reads the message at a commit-log offset. */
export const ViewMessageById = defineCommand({
  name: 'VIEW_MESSAGE_BY_ID',
  code: 33,
  to: 'broker',
  request: { offset: 'int64' },
});

/** Looks into a consume queue. */
export const QueryConsumeQueue = defineCommand({
  name: 'QUERY_CONSUME_QUEUE',
  code: 321,
  to: 'broker',
  request: {
    topic: 'string?',
    queueId: 'int32?',
    index: 'int64?',
    count: 'int32?',
    consumerGroup: 'string?',
  },
});

/** Header of a pull. */
export type PullMessageHeader = HeaderOf<typeof PullMessage.request>;
