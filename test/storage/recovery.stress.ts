import { suite } from '../support/suite.ts';
import { attackSeed } from './crash-attack.ts';

// The long version of recovery.test.ts. CRASH_SEED and CRASH_SEEDS choose the seeds: a failure names its own.
const test = suite('storage/recovery, long');
const FIRST = Number(process.env['CRASH_SEED'] ?? 1000);
const COUNT = Number(process.env['CRASH_SEEDS'] ?? 150);

for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const) {
  for (const segments of ['mapped', 'windowed'] as const) {
    test(
      `a crash at any point keeps what was promised: ${flushDiskType}, ${segments}`,
      () => {
        for (let seed = FIRST; seed < FIRST + COUNT; seed++)
          attackSeed(seed, 60, flushDiskType, segments);
      },
      20 * 60_000,
    );
  }
}
