import { suite } from '../support/suite.ts';
import { attackSeed } from './crash-attack.ts';

// Attacks V1 to V3 of src/storage/recovery.ts, and with them L1 to L3, F1 to F3, K1, K2, C1, C2.
const test = suite('storage/recovery');

for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const) {
  for (const segments of ['mapped', 'windowed'] as const) {
    test(`a crash at any point keeps what was promised: ${flushDiskType}, ${segments}`, () => {
      for (let seed = 1; seed <= 4; seed++) attackSeed(seed, 40, flushDiskType, segments);
    }, 120_000);
  }
}

test('seeds that once found something find nothing', () => {
  // The second recovery after a full rebuild trusted the checkpoint, although the queues were gone.
  attackSeed(3009, 60, 'SYNC_FLUSH', 'mapped');
  // A new segment had its name but not its length, and no abort marker was there yet.
  attackSeed(3063, 40, 'ASYNC_FLUSH', 'mapped');
  // A segment made again by one recovery was trusted by the next, although it had never been flushed.
  attackSeed(7062, 60, 'ASYNC_FLUSH', 'mapped');
}, 60_000);
