import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { MemoryDisk } from '../../src/storage/index.ts';

/** A simulated disk on a clock of its own. */
export const memoryDisk = (): MemoryDisk => {
  const clock = new ManualClock();
  return new MemoryDisk({ clock, scheduler: new ManualScheduler(clock) });
};
