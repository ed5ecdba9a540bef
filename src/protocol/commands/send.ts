// Sending: single, batch, reply, and a consumer's message sent back.

import { defineCommand, type HeaderOf } from '../schema.ts';

const SEND_REQUEST = {
  producerGroup: 'string',
  topic: 'string',
  defaultTopic: 'string',
  defaultTopicQueueNums: 'int32',
  queueId: 'int32',
  sysFlag: 'int32',
  bornTimestamp: 'int64',
  flag: 'int32',
  properties: 'string?',
  reconsumeTimes: 'int32?',
  unitMode: 'boolean?',
  maxReconsumeTimes: 'int32?',
  batch: 'boolean?',
} as const;

/** The send header and the broker's name, which 5.x clients add. */
const SHORT_SEND_REQUEST = { ...SEND_REQUEST, bname: 'string?' } as const;

/** `a` … `n`, in the order of the fields. */
const SHORT_NAMES = {
  producerGroup: 'a',
  topic: 'b',
  defaultTopic: 'c',
  defaultTopicQueueNums: 'd',
  queueId: 'e',
  sysFlag: 'f',
  bornTimestamp: 'g',
  flag: 'h',
  properties: 'i',
  reconsumeTimes: 'j',
  unitMode: 'k',
  maxReconsumeTimes: 'l',
  batch: 'm',
  bname: 'n',
} as const;

const SEND_RESPONSE = {
  msgId: 'string',
  queueId: 'int32',
  queueOffset: 'int64',
  transactionId: 'string?',
} as const;

/** A message, fields under their long names. */
export const SendMessage = defineCommand({
  name: 'SEND_MESSAGE',
  code: 10,
  to: 'broker',
  request: SEND_REQUEST,
  response: SEND_RESPONSE,
});

/** A message, fields under one-letter names. */
export const SendMessageV2 = defineCommand({
  name: 'SEND_MESSAGE_V2',
  code: 310,
  to: 'broker',
  request: SHORT_SEND_REQUEST,
  wire: SHORT_NAMES,
  response: SEND_RESPONSE,
});

/** A batch of messages; the body is `encodeBatch`'s. */
export const SendBatchMessage = defineCommand({
  name: 'SEND_BATCH_MESSAGE',
  code: 320,
  to: 'broker',
  request: SHORT_SEND_REQUEST,
  wire: SHORT_NAMES,
  response: SEND_RESPONSE,
});

/** A message a consumer could not process: back to the broker, to be delivered again. */
export const ConsumerSendMsgBack = defineCommand({
  name: 'CONSUMER_SEND_MSG_BACK',
  code: 36,
  to: 'broker',
  request: {
    offset: 'int64',
    group: 'string',
    delayLevel: 'int32',
    originMsgId: 'string?',
    originTopic: 'string?',
    unitMode: 'boolean?',
    maxReconsumeTimes: 'int32?',
  },
});

/** The reply to a request message, long names. */
export const SendReplyMessage = defineCommand({
  name: 'SEND_REPLY_MESSAGE',
  code: 324,
  to: 'broker',
  request: SEND_REQUEST,
  response: SEND_RESPONSE,
});

/** The reply to a request message, one-letter names. */
export const SendReplyMessageV2 = defineCommand({
  name: 'SEND_REPLY_MESSAGE_V2',
  code: 325,
  to: 'broker',
  request: SHORT_SEND_REQUEST,
  wire: SHORT_NAMES,
  response: SEND_RESPONSE,
});

/** Hands a reply to the client that waits for it. */
export const PushReplyMessageToClient = defineCommand({
  name: 'PUSH_REPLY_MESSAGE_TO_CLIENT',
  code: 326,
  to: 'client',
  request: {
    producerGroup: 'string',
    topic: 'string',
    defaultTopic: 'string',
    defaultTopicQueueNums: 'int32',
    queueId: 'int32',
    sysFlag: 'int32',
    bornTimestamp: 'int64',
    flag: 'int32',
    properties: 'string?',
    reconsumeTimes: 'int32?',
    unitMode: 'boolean?',
    bornHost: 'string',
    storeHost: 'string',
    storeTimestamp: 'int64',
  },
});

/** Header of a send, whatever its code. */
export type SendMessageHeader = HeaderOf<typeof SendMessage.request>;
