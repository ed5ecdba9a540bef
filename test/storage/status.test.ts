import * as assert from 'uvu/assert';
import { GetStatus, getStatusName, PutStatus, putStatusName } from '../../src/storage/status.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/status');

test('each status has the name RocketMQ puts into its remarks', () => {
  for (const [name, status] of Object.entries(GetStatus)) assert.is(getStatusName(status), name);
  for (const [name, status] of Object.entries(PutStatus)) assert.is(putStatusName(status), name);
});
