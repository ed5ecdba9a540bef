// Transactions.

import { defineCommand } from '../schema.ts';

/** Ends a transaction: commit or roll back. */
export const EndTransaction = defineCommand({
  name: 'END_TRANSACTION',
  code: 37,
  to: 'broker',
  request: {
    producerGroup: 'string',
    tranStateTableOffset: 'int64',
    commitLogOffset: 'int64',
    commitOrRollback: 'int32',
    fromTransactionCheck: 'boolean?',
    msgId: 'string',
    transactionId: 'string?',
  },
});

/** Asks a producer how its transaction ended. */
export const CheckTransactionState = defineCommand({
  name: 'CHECK_TRANSACTION_STATE',
  code: 39,
  to: 'client',
  request: {
    tranStateTableOffset: 'int64',
    commitLogOffset: 'int64',
    msgId: 'string?',
    transactionId: 'string?',
    offsetMsgId: 'string?',
  },
});

/** Lets a half message be checked again. */
export const ResumeCheckHalfMessage = defineCommand({
  name: 'RESUME_CHECK_HALF_MESSAGE',
  code: 323,
  to: 'broker',
  request: { msgId: 'string?' },
});
