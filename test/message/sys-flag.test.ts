import * as assert from 'uvu/assert';
import {
  isInherited,
  isReadable,
  isWritable,
  PERM,
  permText,
  SYS_FLAG,
  transactionType,
  withTransactionType,
} from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('sys flag');

test('the transaction type is two bits of the flag and leaves the others alone', () => {
  const flag = SYS_FLAG.COMPRESSED | SYS_FLAG.TRANSACTION_PREPARED | SYS_FLAG.BORN_HOST_V6;
  assert.is(transactionType(flag), SYS_FLAG.TRANSACTION_PREPARED);
  const committed = withTransactionType(flag, SYS_FLAG.TRANSACTION_COMMIT);
  assert.is(transactionType(committed), SYS_FLAG.TRANSACTION_COMMIT);
  assert.is(committed & ~SYS_FLAG.TRANSACTION_MASK, SYS_FLAG.COMPRESSED | SYS_FLAG.BORN_HOST_V6);
});

test('permissions are what their bits say', () => {
  assert.is(PERM.READ_WRITE, PERM.READ | PERM.WRITE);
  assert.is(PERM.READ_WRITE_INHERIT, PERM.READ_WRITE | PERM.INHERIT);
  assert.ok(isReadable(PERM.READ) && !isWritable(PERM.READ) && !isInherited(PERM.READ));
  assert.is(permText(PERM.READ_WRITE), 'RW-');
  assert.is(permText(PERM.READ_WRITE_INHERIT), 'RWX');
  assert.is(permText(0), '---');
});
