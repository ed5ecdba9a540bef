import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemScheduler } from '../../src/base/index.ts';
import { createFileDisk } from '../../src/storage/disk-file.ts';
import { suite } from '../support/suite.ts';
import { type DiskFixture, diskContract, SMALL_SIZES } from './disk-contract.ts';
import { settleReal } from './real-fixture.ts';

const test = suite('file disk');

const make = (): DiskFixture => {
  const root = mkdtempSync(join(tmpdir(), 'saturnmq-file-'));
  const disk = createFileDisk({ scheduler: systemScheduler, windowBytes: SMALL_SIZES.windowBytes });
  return {
    disk,
    root,
    settle: settleReal,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};

diskContract(test, make);
