import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Logger, silentLogger, systemScheduler } from '../../src/base/index.ts';
import { createMappedDisk } from '../../src/storage/disk-mapped.ts';
import { suite } from '../support/suite.ts';
import { diskContract } from './disk-contract.ts';
import { type DiskFixture, SMALL_SIZES } from './disk-fixture.ts';
import type { FullDiskReport } from './full-disk.child.ts';
import { runOnSmallDisk, settleReal, smallDiskProblem } from './real-fixture.ts';

const test = suite('mapped disk');

/** A disk that falls back to the file backend has not been tested here. */
const strictLogger: Logger = {
  ...silentLogger,
  warn: (facts, message) => {
    throw new Error(`${message}: ${JSON.stringify(facts)}`);
  },
};

const make = (): DiskFixture => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-mapped-'));
  const disk = createMappedDisk({
    scheduler: systemScheduler,
    logger: strictLogger,
    ...SMALL_SIZES,
  });
  return {
    disk,
    root,
    settle: settleReal,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};

diskContract(test, make);

const fullDiskClaim =
  'a full disk is an error with path, bytes and setting, and writing goes on once there is room';
const problem = smallDiskProblem();
if (problem !== undefined) test.skip(fullDiskClaim, problem);
else
  test(fullDiskClaim, () => {
    const script = new URL('./full-disk.child.js', import.meta.url);
    const { status, signal, output } = runOnSmallDisk(script, ['mapped']);
    assert.equal({ status, signal }, { status: 0, signal: null }, output);
    const report = JSON.parse(output) as FullDiskReport;
    assert.is(report.fileCode, 'DISK_FULL');
    assert.is(report.segmentCode, 'DISK_FULL');
    assert.match(
      report.segmentMessage,
      /segment: the disk is full, \d+ bytes are needed, \d+ are free/,
    );
    assert.match(report.segmentMessage, /storePathRootDir/);
    assert.match(report.fileMessage, /queue: the disk is full, \d+ bytes are needed, \d+ are free/);
    assert.is(report.isIntact, true);
    // 6 MiB are left beside the ballast, and nearly all of them hold records.
    assert.ok(report.recordsFirst * 3000 > 5.9 * 1024 * 1024, String(report.recordsFirst));
    assert.ok(report.recordsLater * 3000 > 7.9 * 1024 * 1024, String(report.recordsLater));
    assert.is(report.prepareCode, 'DISK_FULL');
  });
