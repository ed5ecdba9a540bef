import * as assert from 'uvu/assert';
import { type Attempt, fsFailure, settingOf } from '../../src/storage/fs-failure.ts';
import { StorageError, type StorageErrorCode } from '../../src/storage/storage-error.ts';
import { suite } from '../support/suite.ts';

const test = suite('failures of the file system');

const settings = [
  { folder: '/data', setting: 'storePathRootDir' },
  { folder: '/data/log/', setting: 'storePathCommitLog' },
];
const attempt: Attempt = { path: '/data/log/000', action: 'write', settings };
const systemError = (code: string): Error => Object.assign(new Error(`${code}: x`), { code });

test('each kind of refusal has its code', () => {
  const table: Record<string, StorageErrorCode> = {
    ENOSPC: 'DISK_FULL',
    EDQUOT: 'DISK_FULL',
    EACCES: 'BAD_FOLDER',
    EPERM: 'BAD_FOLDER',
    ENOTDIR: 'BAD_FOLDER',
    EISDIR: 'BAD_FOLDER',
    EROFS: 'BAD_FOLDER',
    ENAMETOOLONG: 'BAD_FOLDER',
    ELOOP: 'BAD_FOLDER',
    ENOENT: 'NOT_FOUND',
    EIO: 'IO_FAILED',
    EMFILE: 'IO_FAILED',
  };
  for (const [errno, code] of Object.entries(table)) {
    const error = fsFailure(systemError(errno), attempt);
    assert.is(error.code, code, errno);
    assert.is(error.details['errno'], errno);
    assert.is(error.details['path'], attempt.path);
    assert.ok(error.message.includes(attempt.path));
    assert.ok(error.cause instanceof Error);
  }
  assert.is(fsFailure(new Error('no code'), attempt).code, 'IO_FAILED');
});

test('the setting of the deepest folder is named', () => {
  assert.is(settingOf('/data/log/000', settings), 'storePathCommitLog');
  assert.is(settingOf('/data/logs', settings), 'storePathRootDir');
  assert.is(settingOf('/data', settings), 'storePathRootDir');
  assert.is(settingOf('/database', settings), undefined);
  assert.is(settingOf('/data', undefined), undefined);
  assert.match(fsFailure(systemError('EACCES'), attempt).message, /setting storePathCommitLog/);
});

test('a full disk tells what was needed, what is left and what to change', () => {
  const error = fsFailure(systemError('ENOSPC'), {
    ...attempt,
    neededBytes: 4096,
    freeBytes: () => 12,
  });
  assert.is(
    error.message,
    'cannot write /data/log/000: the disk is full, 4096 bytes are needed, 12 are free. ' +
      'Free space on that disk, or point storePathCommitLog to another one.',
  );
  assert.is(error.retryable, true);
  assert.equal(error.details, {
    path: '/data/log/000',
    errno: 'ENOSPC',
    setting: 'storePathCommitLog',
    neededBytes: 4096,
    freeBytes: 12,
  });
  const bare = fsFailure(systemError('ENOSPC'), { path: '/x', action: 'write' });
  assert.is(bare.message, 'cannot write /x: the disk is full. Free space on that disk.');
});

test('an error that is explained already stays as it is', () => {
  const error = new StorageError('STORE_IN_USE', 'x');
  assert.is(fsFailure(error, attempt), error);
});
