import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { MemoryDisk, type MemoryDiskOptions } from '../../src/storage/disk-memory.ts';
import { suite } from '../support/suite.ts';
import { type DiskFixture, diskContract, SMALL_SIZES } from './disk-contract.ts';

const test = suite('memory disk');

const makeWith = (options: Partial<MemoryDiskOptions>) => (): DiskFixture => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const disk = new MemoryDisk({ clock, scheduler, ...SMALL_SIZES, ...options });
  disk.makeFolder('/data');
  return {
    disk,
    root: '/data',
    settle: (start) =>
      new Promise((resolve, reject) => {
        let isLater = false;
        start((error) => {
          if (isLater) resolve(error);
          else reject(new Error('the callback came in the turn of the call'));
        });
        isLater = true;
        queueMicrotask(() => scheduler.runDeferred());
      }),
    remove: () => undefined,
  };
};

diskContract(test, makeWith({}));
diskContract(test, makeWith({ segments: 'windowed' }));
