import * as assert from 'uvu/assert';
import { silentLogger, systemScheduler } from '../../src/base/index.ts';
import { createDisk } from '../../src/storage/disks.ts';
import { suite } from '../support/suite.ts';

const test = suite('choice of the disk');

test('files are mapped where that works', () => {
  const disk = createDisk({ scheduler: systemScheduler, logger: silentLogger });
  assert.is(disk.kind, process.platform === 'linux' ? 'mapped' : 'file');
});

test('elsewhere the file backend is used and the log says why', () => {
  const lines: object[] = [];
  const logger = { ...silentLogger, warn: (facts: object) => void lines.push(facts) };
  const disk = createDisk({ scheduler: systemScheduler, logger }, () => ({ reason: 'a reason' }));
  assert.is(disk.kind, 'file');
  assert.equal(lines, [{ reason: 'a reason' }]);
});
