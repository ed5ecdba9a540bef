import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemScheduler } from '../../src/base/index.ts';
import { createMappedDisk } from '../../src/storage/disk-mapped.ts';
import { suite } from '../support/suite.ts';
import { type DiskFixture, diskContract, SMALL_SIZES } from './disk-contract.ts';
import { settleReal } from './real-fixture.ts';

const test = suite('mapped disk');

const make = (): DiskFixture => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-mapped-'));
  const disk = createMappedDisk({
    scheduler: systemScheduler,
    logger: silentLogger,
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
