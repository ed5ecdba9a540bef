import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { STORE_DEFAULTS, storeSettings } from '../../src/storage/options.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/options');

test('what is not given has its default', () => {
  const settings = storeSettings({ storePathRootDir: '/s', fileReservedTime: 48 });
  assert.is(settings.storePathCommitLog, '/s/commitlog');
  assert.is(settings.fileReservedTime, 48);
  assert.is(settings.maxMessageSize, STORE_DEFAULTS.maxMessageSize);
  assert.ok(settings.memoryBytes > 0);
});

test('several commit-log folders are refused with the name of the setting', () => {
  try {
    storeSettings({ storePathRootDir: '/s', storePathCommitLog: '/a,/b' });
    assert.unreachable();
  } catch (error) {
    assert.is(errorCode(error), 'BAD_FOLDER');
    assert.match(String(error), /storePathCommitLog.*\/a,\/b/);
  }
});
